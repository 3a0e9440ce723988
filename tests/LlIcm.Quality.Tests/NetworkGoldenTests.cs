using LlIcm.Tensors;
using LlIcm.TestSupport;

namespace LlIcm.Quality.Tests;

/// <summary>The networks of metrics give the numbers they gave when they equalled the published ones, in every clone.</summary>
[Trait("Category", "parity")]
public class NetworkGoldenTests
{
    [Theory]
    [InlineData(LpipsNetwork.Squeeze)]
    [InlineData(LpipsNetwork.Alex)]
    [InlineData(LpipsNetwork.Vgg)]
    public void Lpips_by_layers(LpipsNetwork backbone)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var model = new Lpips(backbone);
        NetworkGolden.Fill(model);
        Tensor[] layers = model.Layers(NetworkGolden.Numbers([1, 3, 64, 64], 1, 1), NetworkGolden.Numbers([1, 3, 64, 64], 2, 1));
        foreach ((int i, Tensor layer) in layers.Index()) NetworkGolden.Check("networks.json", $"LPIPS {backbone}, layer {i}", layer);
    }
}
