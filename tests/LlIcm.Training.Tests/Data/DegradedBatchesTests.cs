using LlIcm.Imaging;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Data;

public class DegradedBatchesTests
{
    [Fact]
    public void Resumed_run_sees_the_same_data_whatever_the_threads()
    {
        DegradedBatches batches = Batches(seed: 3);
        using BatchLoader<TrainingBatch> whole = batches.Start(threads: 1, ahead: 2);
        TrainingBatch[] expected = [.. Enumerable.Range(0, 8).Select(_ => whole.Next())];
        using BatchLoader<TrainingBatch> resumed = Batches(seed: 3).Start(threads: 4, ahead: 6, start: 5);
        for (int step = 5; step < 8; step++)
        {
            TrainingBatch batch = resumed.Next();
            Assert.Equal(expected[step].Degraded, batch.Degraded);
            Assert.Equal(expected[step].Clean, batch.Clean);
            Assert.Equal(expected[step].Kinds, batch.Kinds);
        }
    }

    [Fact]
    public void Seeds_steps_and_samples_differ()
    {
        TrainingBatch[] batches = [Batches(1).Make(0), Batches(1).Make(1), Batches(2).Make(0)];
        HashSet<float> sums =
            [.. batches.SelectMany(batch => batch.Clean.Chunk(3 * 32 * 32).Select(sample => sample.Sum()))];
        Assert.Equal(12, sums.Count);
    }

    [Fact]
    public void Samples_lie_one_after_the_other_with_masks_of_ones_where_nothing_is_missing()
    {
        PlanarImage clean = new(2, 1, [0f, 1f, 0f, 1f, 0f, 1f]), holed = new(2, 1, [1f, 1f, 1f, 1f, 1f, 1f]);
        TrainingBatch batch = new(
        [
            new DegradedSample(clean, clean, DegradationKind.Clean),
            new DegradedSample(holed, clean, DegradationKind.Uncompleted, [0f, 1f]),
        ]);
        Assert.Equal([.. clean.Pixels, .. holed.Pixels], batch.Degraded);
        Assert.Equal([1f, 1f, 0f, 1f], batch.Masks!);
        Assert.Equal((2, 2, 1), (batch.Count, batch.Width, batch.Height));
        Assert.Null(new TrainingBatch([new DegradedSample(clean, clean, DegradationKind.Clean)]).Masks);
    }

    [Fact]
    public void Pictures_of_several_sizes_make_no_batch()
    {
        PlanarImage a = new(2, 1), b = new(1, 2);
        Assert.Throws<ArgumentException>(() => new TrainingBatch(
            [new DegradedSample(a, a, DegradationKind.Clean), new DegradedSample(b, b, DegradationKind.Clean)]));
        Assert.Throws<ArgumentException>(() => new TrainingBatch([]));
    }

    private static DegradedBatches Batches(ulong seed)
    {
        byte[] rgb = new byte[3 * 120 * 90];
        Xoshiro256 random = new(1);
        for (int i = 0; i < rgb.Length; i++) rgb[i] = (byte)random.NextInt(256);
        PhotoCache photos = new([new Picture(120, 90, rgb)]);
        CropSource crops = new(photos, new CropOptions { Size = 32 });
        return new DegradedBatches(crops, new DegradationSampler(), 4, seed);
    }
}
