using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Training.Vision;

namespace LlIcm.Training.Joint;

/// <summary>What the vision model sees in a decoded picture, and what the restorer is told of it.</summary>
internal sealed class JointGuidance(JointNetworks networks, JointRecipe recipe, Device device)
{
    /// <summary>The embeddings of content and degradation, [B, E] each.</summary>
    public (Tensor Content, Tensor Degradation) Look(Tensor decoded)
    {
        int size = networks.Vision.Options.ImageSize;
        if (recipe.FeatureGradients)
            return networks.Vision.EncodeImage(FeaturePreprocessing.Differentiable(decoded, size));
        return networks.Vision.EncodeImage(FeaturePreprocessing.Exact(decoded, size));
    }

    /// <summary>Cross entropy of the degradations' words.</summary>
    public Tensor Recognition(Tensor seen, long[] words) =>
        VisionInputs.WordLoss(WordLogits(seen) * networks.Vision.LogitScale.Exp(), words);

    /// <summary>Cosines with the words, [B, words].</summary>
    public Tensor WordLogits(Tensor seen) => seen.NormalizeL2().Matmul(networks.Words.NormalizeL2().Transpose(0, 1));

    /// <summary>
    /// A share of the samples is told the task, as a user does: the word in the length that pictures' embeddings have. The restorer must not bend the words to
    /// its liking, so that they take no gradient from here.
    /// </summary>
    public Tensor Tell(Tensor seen, long[] words, Random random, BatchPart part)
    {
        float[] picked = [.. Draw(recipe.WordShare, random, part).Zip(words, (tell, word) => word >= 0 ? tell : 0f)];
        Tensor pick = Tensor.From<float>(picked, [words.Length, 1], device);
        Tensor named = networks.Restorer is TaskUNet network
            ? Tensor.From<float>(OneOf(words, network.Options.Tasks), [words.Length, network.Options.Tasks], device)
            : networks.Words.Detach().NormalizeL2().IndexSelect(0, VisionInputs.Rows(words, device)) * seen.Detach().Norm(2, [1], keep: true);
        Tensor dropped = Tensor.From<float>(Draw(recipe.EmbeddingDropout, random, part), [words.Length, 1], device);
        return (named * pick + Of(seen) * (1 - pick)) * (1 - dropped);
    }

    /// <summary>What the restorer takes: the embedding, or the words' probabilities, of which "clean" is none that this model knows.</summary>
    public Tensor Of(Tensor seen)
    {
        if (networks.Restorer is not TaskUNet network) return seen;
        Tensor probabilities = (WordLogits(seen) * networks.Vision.LogitScale.Exp()).LogSoftmax(1).Exp();
        long unknown = network.Options.Tasks - probabilities.Size(1);
        return unknown == 0 ? probabilities : Tensor.Cat(1, probabilities, Tensor.Zeros([probabilities.Size(0), unknown], device: device));
    }

    private static float[] OneOf(long[] words, int tasks)
    {
        float[] told = new float[words.Length * tasks];
        for (int i = 0; i < words.Length; i++)
            if (words[i] >= 0) told[i * tasks + words[i]] = 1;
        return told;
    }

    // 1 for a share of the samples, else 0: a draw for each of the whole batch, whatever the part.
    internal static float[] Draw(double share, Random random, BatchPart part) =>
        part.Cut(Enumerable.Range(0, part.Total).Select(_ => random.NextDouble() < share ? 1f : 0f).ToArray());
}
