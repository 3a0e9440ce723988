using LlIcm.Tensors;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// What a network derived from the embeddings before the first step; its tensors belong to the scope of that moment.
/// </summary>
public sealed class DenoiserContext
{
    /// <summary>No embeddings.</summary>
    public static DenoiserContext Empty { get; } = new(null, []);

    internal DenoiserContext(Tensor? prompt, IReadOnlyList<Tensor> content)
    {
        Prompt = prompt;
        Content = content;
    }

    /// <summary>Added to the time embedding, [B, time width].</summary>
    internal Tensor? Prompt { get; }

    /// <summary>Added at every position, one vector a block that takes one.</summary>
    internal IReadOnlyList<Tensor> Content { get; }
}
