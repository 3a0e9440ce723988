using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Torch;

namespace LlIcm.Tests.Restoration;

/// <summary>
/// Narrower types of training against the plain one. bfloat16 has 8 bits of mantissa; over a network of some 60 layers, errors
/// of 1 to 2 % of the largest output are what rounding alone explains.
/// </summary>
public class NarrowTypeTests
{
    private const double Bfloat16Limit = 0.03;

    public static TheoryData<bool> Networks => [true, false];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Bfloat16ConvolutionsGiveNearlyTheSameOutput(bool unet)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using ConditionalDenoiser network = Create(unet);
        (Tensor state, Tensor mu, Tensor time, Tensor degradation, Tensor content) = Inputs();
        Tensor plain = network.Forward(state, mu, time, degradation, content);
        using var autocast = new Autocast(Device.Cpu);
        Tensor narrow = network.Forward(state, mu, time, degradation, content);
        Golden.AssertClose(plain, narrow, 0, Bfloat16Limit);
        Assert.True((plain - narrow.To(ScalarType.Float)).Abs().Amax([]).Item() > 0, "autocast did nothing");
    }

    private static ConditionalDenoiser Create(bool unet)
    {
        TorchRuntime.ManualSeed(2);
        ConditionalDenoiser network = unet
            ? new ConditionalUNet(new ConditionalUNetOptions
            {
                Width = 32,
                Multipliers = [1, 2],
                FirstTransformerLevel = 1,
                DegradationWidth = 6,
                ContentWidth = 5,
            })
            : new ConditionalNafNet(ConditionalNafNetOptions.Compact with
            {
                Width = 16,
                EncoderBlocks = [1, 1],
                DecoderBlocks = [1, 1],
                MiddleBlocks = 1,
                DegradationWidth = 6,
                ContentWidth = 5,
                Target = PredictionTarget.Noise,
            });
        using var noGrad = GradMode.Disable();
        foreach (Tensor parameter in network.Parameters())
        {
            using Tensor noise = parameter.RandnLike().Unscoped();
            parameter.AddInPlace(noise, 0.03);
        }
        return network;
    }

    private static (Tensor State, Tensor Mu, Tensor Time, Tensor Degradation, Tensor Content) Inputs() => (
        Tensor.Randn(1, 3, 32, 48), Tensor.Rand(1, 3, 32, 48), Tensor.From<float>([41.5f], [1]),
        Tensor.Randn(1, 6), Tensor.Randn(1, 5));
}
