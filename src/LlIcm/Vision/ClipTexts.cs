using LlIcm.Onnx;
using LlIcm.Tensors;

namespace LlIcm.Vision;

/// <summary>Embeds texts with a CLIP's text tower on ONNX Runtime; for tables of texts that are made once.</summary>
public static class ClipTexts
{
    // What one run embeds; the last run is filled up with a text that counts for nothing.
    private const int TextsAtATime = 64;

    /// <summary>Embeddings [N, E] of token ids [N, at most the context length], not normalised, in host memory.</summary>
    /// <exception cref="ArgumentException">These are no token ids of that tower.</exception>
    /// <exception cref="InvalidOperationException">There is no text tower.</exception>
    public static Tensor Encode(ClipModel clip, Tensor tokens)
    {
        ArgumentNullException.ThrowIfNull(clip);
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        clip.CheckTokens(tokens);
        tokens = tokens.ToHost().To(ScalarType.Long);
        Tensor ends = tokens.Argmax(-1);
        long count = tokens.Size(0), used = clip.UsedLength(ends), batch = Math.Min(count, TextsAtATime);
        using OnnxProgram program = OnnxProgram.Record(
            "CLIP's text tower", [new GraphInput([batch, used], ScalarType.Long), new GraphInput([batch], ScalarType.Long)],
            inputs => [clip.EncodeText(inputs[0], inputs[1])]);
        var parts = new List<Tensor>();
        for (long start = 0; start < count; start += batch)
        {
            // A last run of fewer texts takes some of those before it again.
            long first = Math.Min(start, count - batch);
            Tensor features = program.Run([tokens.Narrow(0, first, batch).Narrow(1, 0, used), ends.Narrow(0, first, batch)])[0];
            parts.Add(features.Narrow(0, start - first, batch - (start - first)));
        }
        return scope.Keep(Tensor.Cat(0, [.. parts]));
    }
}
