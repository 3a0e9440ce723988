using LlIcm.Codecs.Mlic;
using LlIcm.Tensors;
using LlIcm.Torch;
using LlIcm.Training.Codec;

namespace LlIcm.Training.Tests.Codec;

public class CodecWideningTests
{
    private static Tensor Latents(MlicModel model, Tensor picture, Tensor quality) =>
        model.Analysis.Forward(picture) * model.Gains!.Gain(quality);

    private static Tensor Picture(MlicModel model, Tensor latents, Tensor quality) =>
        model.Synthesis.Forward(latents * model.Gains!.InverseGain(quality));

    private static readonly MlicOptions s_narrow = TinyCodec.Options with
    {
        LatentWidth = 32,
        InterSliceContext = GlobalContextKind.Linear,
    };

    private static readonly MlicOptions s_wide = s_narrow with
    {
        LatentWidth = 48,
        Slices = 3,
        InterSliceContext = GlobalContextKind.None,
        EntropyParameterWidths = [12, 12, 12],
        ResidualPredictionWidths = [8],
    };

    [Fact]
    public void TheOldLatentsMeanWhatTheyMeant()
    {
        using var folder = new RunFolder();
        using MlicModel narrow = Model(s_narrow, 1), wide = Model(s_wide, 2);
        Disturb(narrow);
        LlIcmModel.SaveCodec(narrow, folder.At("codec.safetensors"));
        CodecWidening.Load(wide, folder.Path);

        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        // The file holds half precision.
        foreach (Tensor each in narrow.Parameters()) each.CopyInPlace(each.To(ScalarType.Half).To(ScalarType.Float));
        Tensor picture = Tensor.Rand([1, 3, 64, 128]), quality = Tensor.From<float>([3.5f], [1]);
        Tensor y = Latents(narrow, picture, quality), wider = Latents(wide, picture, quality);
        AssertClose(y, wider.Narrow(1, 0, 32));
        Assert.True(wider.Narrow(1, 32, 16).Abs().Amax([0, 1, 2, 3]).Item() > 0);

        Tensor padded = Tensor.Cat(1, y, Tensor.Zeros([1, 16, y.Size(2), y.Size(3)]));
        AssertClose(Picture(narrow, y, quality), Picture(wide, padded, quality));

        // Scales and means are the halves of the hyper synthesis' output.
        Tensor z = narrow.HyperAnalysis.Forward(y);
        AssertClose(z, wide.HyperAnalysis.Forward(padded));
        Tensor old = narrow.HyperSynthesis.Forward(z), now = wide.HyperSynthesis.Forward(z);
        AssertClose(old.Narrow(1, 0, 32), now.Narrow(1, 0, 32));
        AssertClose(old.Narrow(1, 32, 32), now.Narrow(1, 48, 32));
    }

    [Fact]
    public void ResidualsStartAtNothing()
    {
        using var folder = new RunFolder();
        using MlicModel narrow = Model(s_narrow, 1), wide = Model(s_wide, 2);
        LlIcmModel.SaveCodec(narrow, folder.At("codec.safetensors"));
        CodecWidening.Load(wide, folder.Path);
        (string Name, Tensor Tensor)[] last = [.. wide.NamedParameters().Where(each => each.Name.Contains(".lrp_transform.2.", StringComparison.Ordinal))];
        Assert.Equal(12, last.Length);
        Assert.All(last, each => Assert.All(each.Tensor.Detach().ToArray<float>(), value => Assert.Equal(0, value)));
    }

    [Fact]
    public void ACodecWithMoreLatentsIsRefused()
    {
        using var folder = new RunFolder();
        using MlicModel narrow = Model(s_narrow, 1), wide = Model(s_wide, 2);
        LlIcmModel.SaveCodec(wide, folder.At("codec.safetensors"));
        var error = Assert.Throws<TrainingException>(() => CodecWidening.Load(narrow, folder.Path));
        Assert.StartsWith(folder.At("codec.safetensors") + ": its codec can't be widened: 'g_a.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static MlicModel Model(MlicOptions options, ulong seed)
    {
        TorchRuntime.ManualSeed(seed);
        var model = new MlicModel(options);
        HaarInitialization.Apply(model);
        model.Eval();
        return model;
    }

    // The start leaves branches at zero, which would hide what becomes of them.
    private static void Disturb(MlicModel model)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        foreach (Tensor each in model.Parameters()) each.CopyInPlace(each + (each.RandLike() - 0.5) * 0.05);
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        float largest = expected.Abs().ToArray<float>().Max();
        Assert.InRange((expected - actual).Abs().ToArray<float>().Max(), 0, largest * 1e-4);
    }
}
