using LlIcm.Imaging;
using LlIcm.Tensors;

namespace LlIcm.Quality.Tests;

public class FullReferenceTests
{
    [Fact]
    public void The_psnr_of_the_mean_error_is_not_the_mean_of_the_psnrs()
    {
        double[] errors = [1, 100];
        Assert.Equal(10 * Math.Log10(255 * 255 / 50.5), FullReference.PsnrOfMeanError(errors), 1e-9);
        Assert.Equal((20 * Math.Log10(255) * 2 - 20) / 2, FullReference.MeanOfPsnrs(errors), 1e-9);
    }

    [Fact]
    public void Pictures_of_different_sizes_are_refused()
    {
        Picture a = LpipsTests.Noise(20, 30, 1), b = LpipsTests.Noise(30, 20, 1);
        var error = Assert.Throws<QualityException>(() => FullReference.Psnr(a, b));
        Assert.Equal("the sizes differ: 20x30 and 30x20", error.Message);
        Assert.Throws<QualityException>(() => FullReference.Ssim(a, b));
        Assert.Throws<QualityException>(() => FullReference.MsSsim(a, b));
    }

    // Bands of rows are measured in parallel: sizes around their height, and odd widths for the last vector.
    [Theory]
    [InlineData(11, 74)]
    [InlineData(12, 75)]
    [InlineData(29, 139)]
    [InlineData(14, 64)]
    public void Ssim_on_any_size_equals_that_of_plain_tensor_operators(int width, int height)
    {
        Picture a = LpipsTests.Noise(width, height, 1), b = LpipsTests.Noise(width, height, 2);
        using var scope = new TensorScope();
        double expected = FullReference.Ssim(ToTensor(a), ToTensor(b), range: 255).Item();
        Assert.Equal(expected, FullReference.Ssim(a, b), 1e-9);
    }

    [Fact]
    public void Similarities_are_differentiable()
    {
        using var scope = new TensorScope();
        Tensor a = Tensor.Rand(1, 3, 176, 161), b = a + 0.1 * Tensor.Rand(1, 3, 176, 161);
        b.RequiresGrad = true;
        FullReference.MsSsim(a, b).Sum().Backward();
        Assert.True(b.Grad!.Abs().Sum().Item() > 0);
    }

    private static Tensor ToTensor(Picture picture) =>
        Tensor.FromBytes(picture.Rgb, ScalarType.Byte, [1, picture.Height, picture.Width, 3]).Permute(0, 3, 1, 2)
            .To(ScalarType.Double);
}
