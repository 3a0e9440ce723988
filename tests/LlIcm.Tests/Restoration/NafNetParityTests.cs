using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors.Modules;
using LlIcm.TestSupport;

namespace LlIcm.Tests.Restoration;

[Trait("Category", "parity")]
public class NafNetParityTests
{
    private const double Limit = 5e-5;

    [FixtureFact("restore", "irsde.nafnet.tiny.safetensors")]
    public void TheOutputEqualsThePublishedNetworks()
    {
        using var weights = Golden.Open("restore", "irsde.nafnet.tiny.safetensors");
        using var io = Golden.Open("restore", "irsde.nafnet.tiny.io.safetensors");
        using ConditionalNafNet network = Load(weights);
        Assert.Equal(
            weights.File.Tensors.Keys.Order(StringComparer.Ordinal),
            network.StateDict().Select(each => each.Name).Order(StringComparer.Ordinal));
        DenoiserCases.Check(network, io, Limit);
    }

    [FixtureFact("restore", "irsde.nafnet.tiny.safetensors")]
    public void TheShapesTellTheOptions()
    {
        using var weights = Golden.Open("restore", "irsde.nafnet.tiny.safetensors");
        ConditionalNafNetOptions read = ConditionalNafNetOptions.FromWeights(weights.File);
        var config = weights.Metadata("config");
        int[] Integers(string key) => [.. config.GetProperty(key).EnumerateArray().Select(each => each.GetInt32())];

        Assert.Equal(config.GetProperty("img_channel").GetInt32(), read.ImageChannels);
        Assert.Equal(config.GetProperty("width").GetInt32(), read.Width);
        Assert.Equal(config.GetProperty("middle_blk_num").GetInt32(), read.MiddleBlocks);
        Assert.Equal(Integers("enc_blk_nums"), read.EncoderBlocks);
        Assert.Equal(Integers("dec_blk_nums"), read.DecoderBlocks);
        Assert.Equal((1, PredictionTarget.Noise, false), (read.Unshuffle, read.Target, read.ReplicateBorder));
    }

    [FixtureFact("restore", "irsde.refusion.nafnet.paper.keys.txt")]
    public void TheFullSizeNetworkHasThePublishedNamesAndShapes()
    {
        using (Initialization.Skip())
        {
            using var network = new ConditionalNafNet(ConditionalNafNetOptions.Refusion);
            StateNames.AssertEqual(Golden.Keys("restore", "irsde.refusion.nafnet.paper.keys.txt"), network);
        }
    }

    private static ConditionalNafNet Load(Golden weights)
    {
        using (Initialization.Skip())
        {
            var network = new ConditionalNafNet(ConditionalNafNetOptions.FromWeights(weights.File));
            network.LoadState(weights.Find);
            return network;
        }
    }
}
