using LlIcm.Tensors;

namespace LlIcm.Vision;

/// <summary>
/// Tells a picture's degradation: DA-CLIP's zero-shot classifier, softmax(100·cosine) between the degradation embedding
/// and the embeddings of the degradations' names.
/// </summary>
public sealed class DegradationRecognizer : IDisposable
{
    private const double Scale = 100;

    private readonly Tensor _directions;

    /// <summary>A recogniser from text features.</summary>
    /// <param name="textFeatures">[10, E], one row a degradation in their order, normalised or not; copied.</param>
    /// <exception cref="ArgumentException">There is not one row a degradation.</exception>
    public DegradationRecognizer(Tensor textFeatures)
    {
        ArgumentNullException.ThrowIfNull(textFeatures);
        if (textFeatures.Rank != 2 || textFeatures.Size(0) != DegradationNames.All.Count)
        {
            throw new ArgumentException(
                $"expected features [{DegradationNames.All.Count}, E], got {textFeatures}", nameof(textFeatures));
        }
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        _directions = textFeatures.To(ScalarType.Float).NormalizeL2().Unscoped();
    }

    // What CLIP's tokenizer makes of the published words: with these a text tower embeds them without the vocabulary at hand.
    private static readonly int[][] s_publishedTokens =
    [
        [7860, 268, 21977], [32655], [73, 11207, 268, 42359], [1042, 268, 1395], [33495], [3128, 3387], [10222], [15243, 538],
        [14191], [569, 5976],
    ];

    /// <summary>The token ids of <see cref="DegradationNames.Words"/> as a text tower takes them, [10, T], Long.</summary>
    /// <param name="options">The model's sizes; it must have CLIP's own vocabulary.</param>
    /// <exception cref="ArgumentException">It has no text tower, or one for other tokens or shorter texts.</exception>
    public static Tensor PublishedTokens(ClipOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        const int VocabularySize = 49408;
        int length = options.ContextLength;
        if (options.VocabularySize != VocabularySize || length < s_publishedTokens.Max(word => word.Length) + 2)
            throw new ArgumentException($"the degradations' words need a text tower with CLIP's {VocabularySize} tokens");
        var tokens = new long[s_publishedTokens.Length * length];
        for (int word = 0; word < s_publishedTokens.Length; word++)
        {
            int[] ids = [VocabularySize - 2, .. s_publishedTokens[word], VocabularySize - 1];
            for (int i = 0; i < ids.Length; i++) tokens[word * length + i] = ids[i];
        }
        return Tensor.From<long>(tokens, [s_publishedTokens.Length, length]);
    }

    /// <summary>A recogniser whose text features the text tower computes.</summary>
    /// <param name="clip">A CLIP with text tower.</param>
    /// <param name="tokens">[10, T] token ids of the degradations' words.</param>
    /// <exception cref="ArgumentException">There is not one row a degradation.</exception>
    /// <exception cref="InvalidOperationException">The model was built without text tower.</exception>
    public static DegradationRecognizer FromTokens(ClipModel clip, Tensor tokens)
    {
        ArgumentNullException.ThrowIfNull(clip);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        return new DegradationRecognizer(clip.EncodeText(tokens));
    }

    /// <summary>How likely each word is.</summary>
    /// <param name="degradation">[B, E], DA-CLIP's degradation embedding, normalised or not.</param>
    /// <returns>[B, 10], rows summing to 1.</returns>
    /// <exception cref="ArgumentException">The embedding has another width.</exception>
    public Tensor Probabilities(Tensor degradation)
    {
        ArgumentNullException.ThrowIfNull(degradation);
        if (degradation.Rank != 2 || degradation.Size(1) != _directions.Size(1))
            throw new ArgumentException($"expected [B, {_directions.Size(1)}], got {degradation}", nameof(degradation));
        Tensor cosines = degradation.To(ScalarType.Float).NormalizeL2().Matmul(_directions.Transpose(0, 1));
        return (cosines * Scale).Softmax(-1);
    }

    /// <summary>The degradations with their probabilities, likeliest first, of one picture.</summary>
    /// <param name="degradation">[1, E], DA-CLIP's degradation embedding.</param>
    /// <exception cref="ArgumentException">The embedding has another shape.</exception>
    public IReadOnlyList<(Degradation Degradation, double Probability)> Recognize(Tensor degradation)
    {
        ArgumentNullException.ThrowIfNull(degradation);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        if (degradation.Rank != 2 || degradation.Size(0) != 1)
        {
            throw new ArgumentException(
                $"expected the embedding of one picture [1, E], got {degradation}", nameof(degradation));
        }
        float[] probabilities = Probabilities(degradation).ToArray<float>();
        return [.. DegradationNames.All.Select((degradation, i) => (degradation, (double)probabilities[i])).OrderByDescending(each => each.Item2)];
    }

    /// <inheritdoc/>
    public void Dispose() => _directions.Dispose();
}
