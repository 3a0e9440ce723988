using System.Text.Json;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors.Modules;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Restoration;

[Trait("Category", "parity")]
public class UNetParityTests
{
    private const double Limit = 5e-5;

    public static TheoryData<string> Networks =>
        ["unet.tiny", "unet.degra-only.tiny", "unet.wild.tiny", "irsde.unet.tiny"];

    public static TheoryData<string, string> FullSize => new()
    {
        { "universal-ir.unet.paper.keys.txt", nameof(ConditionalUNetOptions.Universal) },
        { "wild-ir.unet.paper.keys.txt", nameof(ConditionalUNetOptions.Wild) },
        { "irsde.deraining.unet.paper.keys.txt", nameof(ConditionalUNetOptions.IrSde) },
    };

    [FixtureTheory("restore", "unet.tiny.safetensors")]
    [MemberData(nameof(Networks))]
    public void TheOutputEqualsThePublishedNetworks(string name)
    {
        using var weights = Golden.Open("restore", $"{name}.safetensors");
        using var io = Golden.Open("restore", $"{name}.io.safetensors");
        using ConditionalUNet network = DenoiserCases.LoadUNet(weights);
        Assert.Equal(
            weights.File.Tensors.Keys.Order(StringComparer.Ordinal),
            network.StateDict().Select(each => each.Name).Order(StringComparer.Ordinal));
        DenoiserCases.Check(network, io, Limit);
    }

    [FixtureTheory("restore", "unet.tiny.safetensors")]
    [MemberData(nameof(Networks))]
    public void TheShapesTellTheOptions(string name)
    {
        using var weights = Golden.Open("restore", $"{name}.safetensors");
        JsonElement config = weights.Metadata("config");
        bool On(string key) => config.TryGetProperty(key, out JsonElement value) && value.GetBoolean();
        int context = config.TryGetProperty("context_dim", out JsonElement width) ? width.GetInt32() : 0;
        int[] multipliers = config.TryGetProperty("ch_mult", out JsonElement list)
            ? [.. list.EnumerateArray().Select(each => each.GetInt32())]
            : [.. Enumerable.Range(1, config.GetProperty("depth").GetInt32()).Select(level => 1 << level)];

        ConditionalUNetOptions read = ConditionalUNetOptions.FromWeights(weights.File);

        Assert.Equal(config.GetProperty("nf").GetInt32(), read.Width);
        Assert.Equal(config.GetProperty("in_nc").GetInt32(), read.ImageChannels);
        Assert.Equal(multipliers, read.Multipliers);
        Assert.Equal(On("use_degra_context") ? context : 0, read.DegradationWidth);
        Assert.Equal(On("use_image_context") ? context : 0, read.ContentWidth);
        Assert.Equal(config.TryGetProperty("scale", out JsonElement scale) && scale.GetDouble() == 0.5, read.HalfSize);
    }

    [FixtureTheory("restore", "universal-ir.unet.paper.keys.txt")]
    [MemberData(nameof(FullSize))]
    public void TheFullSizeNetworkHasThePublishedNamesAndShapes(string keys, string preset)
    {
        ConditionalUNetOptions options = preset switch
        {
            nameof(ConditionalUNetOptions.Universal) => ConditionalUNetOptions.Universal,
            nameof(ConditionalUNetOptions.Wild) => ConditionalUNetOptions.Wild,
            _ => ConditionalUNetOptions.IrSde,
        };
        using (Initialization.Skip())
        {
            using var network = new ConditionalUNet(options);
            StateNames.AssertEqual(Golden.Keys("restore", keys), network);
        }
    }
}
