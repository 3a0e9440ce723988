using LlIcm.Restoration;
using LlIcm.Tensors;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Restoration;

public class TilingTests
{
    [Theory]
    [InlineData(1, 1, 32, 8, 4)]
    [InlineData(33, 32, 32, 8, 4)]
    [InlineData(100, 257, 32, 16, 8)]
    [InlineData(65, 40, 10, 500, 4)]
    [InlineData(200, 90, 16, 0, 8)]
    [InlineData(50, 60, 0, 8, 8)]
    [InlineData(200, 150, 128, 64, 4)]
    [InlineData(41, 67, 24, 12, 4)]
    public void WeightsAddUpToOneEverywhere(int height, int width, int size, int overlap, int multiple)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor picture = Tensor.Rand(1, 3, height, width);
        var tiling = new Tiling(height, width, size, overlap, multiple);
        int calls = 0;
        Tensor blended = tiling.Blend(picture, (top, rows, left, columns) =>
        {
            calls++;
            Assert.Equal(0, top % multiple);
            Assert.Equal(0, left % multiple);
            if (size > 0) Assert.InRange(Math.Max(rows, columns), 1, size + multiple - 1);
            return picture.Narrow(2, top, rows).Narrow(3, left, columns);
        });
        Golden.AssertClose(picture, blended, 1e-6);
        Assert.Equal(tiling.Count, calls);
    }

    [Fact]
    public void WhatAPixelSeesWithinAQuarterOfTheOverlapIsComputedAsInTheWholePicture()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor picture = Tensor.Rand(1, 1, 150, 210), kernel = Tensor.Randn(1, 1, 9, 9);
        var tiling = new Tiling(150, 210, 64, 16, 8);
        Assert.True(tiling.Count > 4);
        Tensor blended = tiling.Blend(picture, (top, rows, left, columns) =>
            picture.Narrow(2, top, rows).Narrow(3, left, columns).Conv2d(kernel, null, 1, 4));
        Golden.AssertClose(picture.Conv2d(kernel, null, 1, 4), blended, 1e-5);
    }
}
