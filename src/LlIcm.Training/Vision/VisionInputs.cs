using LlIcm.Torch;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Vision;

namespace LlIcm.Training.Vision;

/// <summary>Batches as the vision model takes them.</summary>
public static class VisionInputs
{
    /// <summary>Pictures of a batch through CLIP's preprocessing, [B, 3, S, S].</summary>
    public static Tensor Prepare(
        ClipPreprocessing preprocessing, ReadOnlySpan<float> pictures, int count, int width, int height, Device? device = null)
    {
        int size = 3 * preprocessing.Size * preprocessing.Size, picture = 3 * width * height;
        var prepared = new float[count * size];
        for (int i = 0; i < count; i++)
            preprocessing.PreparePlanes(pictures.Slice(i * picture, picture), width, height).CopyTo(prepared, i * size);
        return Tensor.From<float>(prepared, [count, 3, preprocessing.Size, preprocessing.Size], device);
    }

    /// <summary>Indices of the batch's degradations in DA-CLIP's list of words, [B]; 0 where no word fits.</summary>
    public static Tensor WordsOf(TrainingBatch batch, Device? device = null)
    {
        List<string> words = [.. DegradationRecognizer.PublishedWords];
        return Tensor.From<long>(
            batch.Kinds.Select(kind => (long)Math.Max(0, words.IndexOf(kind.Word()))).ToArray(), [batch.Count], device);
    }

    /// <summary>Whether a word of DA-CLIP's fits; none does where nothing is wrong.</summary>
    public static bool HasWord(DegradationKind kind) => DegradationRecognizer.PublishedWords.Contains(kind.Word());
}
