using LlIcm.Tensors;

namespace LlIcm.Training.Joint;

/// <summary>The joint loss of a batch and its parts, before any step.</summary>
/// <param name="Total">The scalar to be made small.</param>
/// <param name="BitsPerPixel">[B].</param>
/// <param name="MeanSquaredError">[B], between decoded and degraded pictures in [0, 1].</param>
/// <param name="Task">[B], the restorer's loss.</param>
/// <param name="CodecTask">[B], what the codec is told of the restoration: the restorer's loss, unless the recipe says otherwise.</param>
/// <param name="Recognition">Cross entropy of the degradation words over the batch, a scalar; pictures without word count as 0.</param>
/// <param name="Decoded">x̂ as the restorer saw it, or the degraded picture where that was not coded, [B, 3, H, W].</param>
public sealed record JointTerms(
    Tensor Total, Tensor BitsPerPixel, Tensor MeanSquaredError, Tensor Task, Tensor CodecTask, Tensor Recognition, Tensor Decoded);
