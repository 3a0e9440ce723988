using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Torch;

namespace LlIcm.Tests.Restoration;

public class RestorerCancellationTests
{
    [Fact]
    public void ProgressCountsTheStepsAndCancellationStopsThemWithoutLeaks()
    {
        ConditionalNafNetOptions small = ConditionalNafNetOptions.Compact with { Width = 16 };
        using var network = new ConditionalNafNet(small);
        using Tensor picture = Tensor.Rand(1, 3, 20, 20).Unscoped();
        long before = TorchRuntime.LiveTensors;
        using var source = new CancellationTokenSource();
        var seen = new List<(int, int)>();
        Assert.Throws<OperationCanceledException>(() => new SdeRestorer(new RecordedDenoiser(network), new IrSdeOptions()).Restore(
            picture, options: new SdeRestorerOptions(), cancellation: source.Token, afterStep: step =>
            {
                seen.Add((step.Done, step.Total));
                if (step.Done == 3) source.Cancel();
            }));
        Assert.Equal([(1, 10), (2, 10), (3, 10)], seen);
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }
}
