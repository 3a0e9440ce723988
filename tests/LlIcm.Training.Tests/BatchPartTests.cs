using LlIcm.Tensors;
using LlIcm.Torch;

namespace LlIcm.Training.Tests;

public class BatchPartTests
{
    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 3)]
    [InlineData(7, 7)]
    public void PartsCoverTheBatchOnceAndAreAsEqualAsCanBe(int total, int parts)
    {
        BatchPart[] all = [.. Enumerable.Range(0, parts).Select(i => BatchPart.Of(total, parts, i))];
        Assert.Equal(
            Enumerable.Range(0, total), all.SelectMany(each => Enumerable.Range(each.First, each.Count)));
        Assert.InRange(all.Max(each => each.Count) - all.Min(each => each.Count), 0, 1);
        Assert.Equal(1, all.Sum(each => each.Share), 12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void PartsDrawWhatTheWholeWouldHaveDrawn(int dimension)
    {
        using var scope = new TensorScope();
        // Three values of each sample along the dimension; the other has five.
        Tensor Like(int samples) => Tensor.Zeros(dimension == 0 ? [samples * 3, 5] : [5, samples * 3]);
        TorchRuntime.ManualSeed(4);
        float[] whole = BatchPart.Whole(7).RandnLike(Like(7), dimension).ToArray<float>();
        Tensor[] parts = [.. Enumerable.Range(0, 3).Select(i =>
        {
            TorchRuntime.ManualSeed(4);
            BatchPart part = BatchPart.Of(7, 3, i);
            return part.RandnLike(Like(part.Count), dimension);
        })];
        Assert.Equal(whole, Tensor.Cat(dimension, parts).ToArray<float>());
    }
}
