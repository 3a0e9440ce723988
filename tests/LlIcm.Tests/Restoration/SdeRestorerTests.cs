using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Torch;

namespace LlIcm.Tests.Restoration;

public class SdeRestorerTests
{
    private static readonly ConditionalNafNetOptions s_small = ConditionalNafNetOptions.Compact with
    {
        Width = 16,
        EncoderBlocks = [1, 1],
        DecoderBlocks = [1, 1],
        MiddleBlocks = 1,
        DegradationWidth = 6,
        ContentWidth = 5,
    };

    private static readonly SamplerOptions s_fourSteps = new() { Kind = SamplerKind.Posterior, Steps = 4 };

    /// <summary>
    /// A fresh clean-picture network predicts the degraded picture: every sampler must arrive there exactly.
    /// </summary>
    [Theory]
    [InlineData(1, 1, SamplerKind.Mars)]
    [InlineData(1, 1, SamplerKind.Posterior)]
    [InlineData(70, 23, SamplerKind.Mars)]
    [InlineData(70, 23, SamplerKind.MarsSde)]
    [InlineData(70, 23, SamplerKind.Posterior)]
    public void ANetworkThatChangesNothingGivesThePictureBack(int height, int width, SamplerKind kind)
    {
        using var scope = new TensorScope();
        using var network = new ConditionalNafNet(s_small);
        Tensor picture = Tensor.Rand(1, 3, height, width);
        Tensor restored = new SdeRestorer(new RecordedDenoiser(network), new IrSdeOptions()).Restore(picture, options: new SdeRestorerOptions
        {
            Sampler = new SamplerOptions { Kind = kind, Steps = 6 },
            Tiles = new TileOptions { Size = 32, Overlap = 8 },
        });
        Golden.AssertClose(picture, restored, 1e-5);
    }

    [Theory]
    [InlineData(PredictionTarget.Noise)]
    [InlineData(PredictionTarget.Clean)]
    public void TheSeedAloneDecidesThePicture(PredictionTarget target)
    {
        using var scope = new TensorScope();
        using ConditionalNafNet network = Perturbed(s_small with { Target = target });
        Tensor picture = Tensor.Rand(1, 3, 21, 34);
        Tensor Restore(ulong seed) => new SdeRestorer(new RecordedDenoiser(network), new IrSdeOptions()).Restore(
            picture, Tensor.Ones([1, 6]), Tensor.Ones([1, 5]),
            new SdeRestorerOptions { Seed = seed, Sampler = s_fourSteps });
        Golden.AssertClose(Restore(3), Restore(3), 0);
        Assert.True((Restore(3) - Restore(4)).Abs().Amax([]).Item() > 1e-4);
    }

    [Fact]
    public void TilesDoNotShow()
    {
        using var scope = new TensorScope();
        // Without channel attention's view of the whole tile (its weights zero), what is left is local.
        using ConditionalNafNet network = Perturbed(s_small with { EncoderBlocks = [1], DecoderBlocks = [1] });
        using (GradMode.Disable())
            foreach ((string name, Tensor parameter) in network.NamedParameters())
                if (name.Contains(".sca.1.weight", StringComparison.Ordinal)) parameter.ZeroInPlace();
        Tensor picture = Tensor.Rand(1, 3, 200, 150);
        Tensor Restore(int tile) => new SdeRestorer(new RecordedDenoiser(network), new IrSdeOptions()).Restore(
            picture, options: new SdeRestorerOptions
            {
                Tiles = new TileOptions { Size = tile, Overlap = 64 },
                Sampler = s_fourSteps,
            });
        Tensor whole = Restore(0), tiled = Restore(128);
        Assert.True((whole - picture).Abs().Amax([]).Item() > 0.01, "the network should do something");
        Golden.AssertClose(whole, tiled, 1e-4);
    }

    [Fact]
    public void WrongInputIsRefusedInOneLine()
    {
        using var scope = new TensorScope();
        using var network = new ConditionalNafNet(s_small);
        var restorer = new SdeRestorer(new RecordedDenoiser(network), new IrSdeOptions());
        Tensor picture = Tensor.Rand(1, 3, 8, 8);
        void Refused(Action action) => Assert.DoesNotContain('\n', Assert.Throws<ArgumentException>(action).Message);
        Refused(() => restorer.Restore(Tensor.Rand(3, 8, 8)));
        Refused(() => restorer.Restore(Tensor.Rand(1, 4, 8, 8)));
        Refused(() => restorer.Restore(picture.To(ScalarType.Double)));
        Refused(() => restorer.Restore(picture, Tensor.Rand(1, 7)));
        Refused(() => restorer.Restore(picture, options: new SdeRestorerOptions { Tiles = new TileOptions { Size = -1 } }));
        Refused(() => restorer.Restore(
            picture, options: new SdeRestorerOptions { Sampler = new SamplerOptions { Steps = 0 } }));
    }

    private static ConditionalNafNet Perturbed(ConditionalNafNetOptions options)
    {
        TorchRuntime.ManualSeed(9);
        using var noGrad = GradMode.Disable();
        var network = new ConditionalNafNet(options);
        foreach (Tensor parameter in network.Parameters())
        {
            using Tensor noise = parameter.RandnLike().Unscoped();
            parameter.AddInPlace(noise, 0.05);
        }
        return network;
    }
}
