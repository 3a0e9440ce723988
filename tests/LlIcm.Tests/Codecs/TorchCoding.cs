using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.EntropyCoding;
using LlIcm.Tensors;

namespace LlIcm.Tests.Codecs;

/// <summary>Codes latents as <see cref="MlicCoder"/> does, but with every network computed by libtorch: the other engine.</summary>
internal static class TorchCoding
{
    /// <summary>Encodes with libtorch.</summary>
    public static LatentSegment Encode(MlicModel model, Tensor latents, double epsilon = MlicModel.BoundaryEpsilon)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor medians = model.Prior.Medians;
        Tensor rounded = (model.HyperAnalysis.Forward(latents) - medians).Round();
        var hyperEncoder = new RansEncoder(true);
        hyperEncoder.Push(rounded.To(ScalarType.Int).ToArray<int>(), EntropyBottleneck.RowsOf(rounded.Shape), model.Prior.Table);
        var encoder = new RansEncoder(true);
        var coder = new EncodingSliceCoder(
            latents.Chunk(model.Options.Slices, 1), new ScaleIndexer(model.Conditional.ScaleTable), model.Conditional.Table, encoder, epsilon);
        model.Contexts.Walk(model.HyperSynthesis.Forward(rounded + medians), coder);
        return new LatentSegment { HyperStream = hyperEncoder.Finish(), LatentStream = encoder.Finish(), BoundarySymbols = coder.Boundary };
    }

    /// <summary>Decodes with libtorch, in the type of the model's weights; another symbol than the file's is an exception.</summary>
    public static Tensor Decode(MlicModel model, LatentSegment segment, long height, long width, Action<float[]>? look = null)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor medians = model.Prior.Medians;
        long[] shape = [1, model.Options.HyperWidth, height / 4, width / 4];
        var symbols = new int[model.Options.HyperWidth * (height / 4) * (width / 4)];
        var hyperDecoder = new RansDecoder(segment.HyperStream, true);
        hyperDecoder.Pop(symbols, EntropyBottleneck.RowsOf(shape), model.Prior.Table);
        hyperDecoder.EnsureFinished();
        Tensor hyper = model.HyperSynthesis.Forward(Tensor.From<int>(symbols, shape).To(medians.Type) + medians);
        var decoder = new RansDecoder(segment.LatentStream, true);
        var coder = new DecodingSliceCoder(new ScaleIndexer(model.Conditional.ScaleTable), model.Conditional.Table, decoder, segment) { Disturb = look };
        Tensor latents = model.Contexts.Walk(hyper, coder)!;
        decoder.EnsureFinished();
        return scope.Keep(latents);
    }
}
