using LlIcm.Tensors;
using LlIcm.Training.Data;
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

    /// <summary>Indices of the batch's degradations in DA-CLIP's list of words; -1 where no word fits, as for clean pictures.</summary>
    public static long[] WordsOf(TrainingBatch batch) =>
        [.. batch.Kinds.Select(kind => kind == Degradation.Clean ? -1L : (long)kind)];

    /// <summary>Those indices as rows to select, [B]; 0 where no word fits.</summary>
    public static Tensor Rows(long[] words, Device? device = null) =>
        Tensor.From<long>(Array.ConvertAll(words, word => Math.Max(word, 0)), [words.Length], device);

    /// <summary>
    /// Cross entropy of the degradations' words. Pictures without a word take part as zeros: so the parts of a batch add up to the whole.
    /// </summary>
    /// <param name="logits">[B, words].</param>
    /// <param name="words">Indices; -1 for none.</param>
    public static Tensor WordLoss(Tensor logits, long[] words)
    {
        Tensor picked = logits.LogSoftmax(1).Gather(1, Rows(words, logits.Device).Unsqueeze(1)).Squeeze(1);
        float[] counts = [.. words.Select(word => word < 0 ? 0f : -1f / words.Length)];
        return (picked * Tensor.From<float>(counts, [words.Length], logits.Device)).Sum();
    }

    /// <summary>The share of the pictures with a word whose highest logit is that word's; 0 where there are none.</summary>
    public static double Recognised(Tensor logits, long[] words)
    {
        long[] found = logits.Argmax(1).ToArray<long>();
        int named = words.Count(word => word >= 0);
        return named == 0 ? 0 : (double)words.Zip(found).Count(pair => pair.First == pair.Second) / named;
    }
}
