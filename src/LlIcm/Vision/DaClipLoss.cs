using LlIcm.Tensors;

namespace LlIcm.Vision;

/// <summary>
/// DA-CLIP's loss: content against captions plus degradation against its name, each CLIP's symmetric cross entropy
/// within the batch. Two samples with the same degradation count as strangers, as in the published code.
/// </summary>
/// <param name="Content">A scalar: the contrastive term of the content.</param>
/// <param name="Degradation">A scalar: the contrastive term of the degradation.</param>
public sealed record DaClipLoss(Tensor Content, Tensor Degradation)
{
    /// <summary>A scalar: the sum.</summary>
    public Tensor Total => Content + Degradation;

    /// <summary>The loss of a batch.</summary>
    public static DaClipLoss Of(DaClipFeatures features)
    {
        ArgumentNullException.ThrowIfNull(features);
        return new DaClipLoss(
            Contrast(features.Content, features.Caption, features.LogitScale).Mean,
            Contrast(features.Degradation, features.DegradationText, features.LogitScale).Mean);
    }

    /// <summary>CLIP's contrastive loss: sample i of one side belongs to sample i of the other.</summary>
    /// <param name="images">[B, E] of length 1.</param>
    /// <param name="texts">[B, E] of length 1.</param>
    /// <param name="logitScale">A scalar: the factor that turns cosines into logits.</param>
    /// <returns>Scalars: the cross entropy of the rows, of the columns, and their mean.</returns>
    public static (Tensor ImageToText, Tensor TextToImage, Tensor Mean) Contrast(
        Tensor images, Tensor texts, Tensor logitScale)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(logitScale);
        Tensor target = Tensor.Arange(0, images.Size(0), 1, ScalarType.Long, images.Device);
        Tensor logits = logitScale * images.Matmul(texts.Transpose(0, 1));
        Tensor rows = logits.CrossEntropy(target), columns = logits.Transpose(0, 1).CrossEntropy(target);
        return (rows, columns, (rows + columns) / 2);
    }
}
