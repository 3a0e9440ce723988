using LlIcm.Codecs.CompressAi;
using LlIcm.Codecs.Mlic;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Vision;

namespace LlIcm.Tests;

/// <summary>Every core network gives the numbers it gave when it equalled the published one, in every clone.</summary>
[Trait("Category", "parity")]
public class NetworkGoldenTests
{
    private const string File = "networks.json";

    [Theory]
    [InlineData(CompressAiArchitecture.FactorizedPrior)]
    [InlineData(CompressAiArchitecture.ScaleHyperprior)]
    [InlineData(CompressAiArchitecture.MeanScaleHyperprior)]
    [InlineData(CompressAiArchitecture.JointAutoregressive)]
    [InlineData(CompressAiArchitecture.Cheng2020Anchor)]
    [InlineData(CompressAiArchitecture.Cheng2020Attention)]
    public void CodecsThatMlicIsComparedWith(CompressAiArchitecture architecture)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        bool cheng = architecture >= CompressAiArchitecture.Cheng2020Anchor;
        using var codec = new CompressAiCodec(new CompressAiOptions(architecture, 16, cheng ? 16 : 24));
        NetworkGolden.Fill(codec);
        CompressAiOutput output = codec.Forward(Picture(64, 128));
        NetworkGolden.Check(File, $"{architecture}", output.Reconstruction);
        NetworkGolden.Check(File, $"{architecture}, likelihoods", output.LatentLikelihoods);
    }

    [Theory]
    [InlineData("mlic")]
    [InlineData("mlic+")]
    [InlineData("mlic++")]
    [InlineData("compact")]
    public void TransformsOfMlic(string name)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        MlicOptions options = name switch
        {
            "mlic" => MlicOptions.Mlic,
            "mlic+" => MlicOptions.MlicPlus,
            "mlic++" => MlicOptions.MlicPlusPlus,
            _ => MlicOptions.Compact,
        };
        using var model = new MlicModel(options with { TransformWidths = [16, 16, 16], HyperWidth = 16, LatentWidth = 64, Slices = 2 });
        NetworkGolden.Fill(model);
        Tensor latents = model.Analysis.Forward(Picture(64, 128)), hyper = model.HyperAnalysis.Forward(latents);
        NetworkGolden.Check(File, $"{name}, analysis", latents);
        NetworkGolden.Check(File, $"{name}, hyper analysis", hyper);
        NetworkGolden.Check(File, $"{name}, hyper synthesis", model.HyperSynthesis.Forward(hyper));
        NetworkGolden.Check(File, $"{name}, synthesis", model.Synthesis.Forward(latents));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DaClip(bool quick)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var model = new DaClipModel(new ClipOptions(12, 32, 8, 64, 3, 1, 32, 2, 2, 10, 50, quick));
        NetworkGolden.Fill(model);
        (Tensor content, Tensor degradation) = model.EncodeImage(NetworkGolden.Numbers([1, 3, 32, 32], 7, 1.5));
        string name = quick ? "DA-CLIP, quick" : "DA-CLIP";
        NetworkGolden.Check(File, $"{name}, content", content);
        NetworkGolden.Check(File, $"{name}, degradation", degradation);
        NetworkGolden.Check(File, $"{name}, text", model.EncodeText(Tensor.From<long>([1, 5, 7, 3, 49, 0, 0, 0, 0, 0], [1, 10])));
    }

    [Theory]
    [InlineData("universal U-Net")]
    [InlineData("wild U-Net")]
    [InlineData("NAFNet")]
    [InlineData("TaskUNet")]
    public void Restorers(string name)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using ConditionalDenoiser network = name switch
        {
            "NAFNet" => new ConditionalNafNet(new ConditionalNafNetOptions { Width = 8, EncoderBlocks = [1, 1], MiddleBlocks = 1, DecoderBlocks = [1, 1] }),
            "TaskUNet" => new TaskUNet(new TaskUNetOptions { Widths = [8, 8, 12, 16], Blocks = [1, 1, 1] }),
            _ => new ConditionalUNet(new ConditionalUNetOptions
            {
                Width = 32, Multipliers = [1, 2], FirstTransformerLevel = 1, DegradationWidth = name == "universal U-Net" ? 6 : 0, ContentWidth = 5,
                HalfSize = name != "universal U-Net",
            }),
        };
        NetworkGolden.Fill(network);
        Tensor? degradation = network.DegradationWidth > 0 ? NetworkGolden.Numbers([1, network.DegradationWidth], 3, 1) : null;
        Tensor? content = network.ContentWidth > 0 ? NetworkGolden.Numbers([1, network.ContentWidth], 4, 1) : null;
        Tensor output = network.Forward(NetworkGolden.Numbers([1, 3, 37, 50], 5, 1), Picture(37, 50), Tensor.From<float>([41.5f], [1]), degradation, content);
        NetworkGolden.Check(File, name, output);
    }

    [Fact]
    public void TheRecogniser()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var network = new DegradationClassifier(new DegradationClassifierOptions { Widths = [8, 8, 12, 16], Hidden = 12 });
        NetworkGolden.Fill(network);
        NetworkGolden.Check(File, "recogniser", network.Forward(Picture(128, 128), Tensor.Cat(0, Picture(128, 128, 1), Picture(128, 128, 2))));
    }

    private static Tensor Picture(int height, int width, uint seed = 0) => NetworkGolden.Numbers([1, 3, height, width], 11 + seed, 0.5, 0.5);
}
