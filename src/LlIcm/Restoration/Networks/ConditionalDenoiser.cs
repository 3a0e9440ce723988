using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Restoration.Networks;

/// <summary>
/// A network that looks at a noisy state, the degraded picture, the time and, optionally, what DA-CLIP says.
/// </summary>
public abstract class ConditionalDenoiser : Module
{
    /// <summary>What the output is.</summary>
    public abstract PredictionTarget Target { get; }

    /// <summary>Colour channels of the pictures.</summary>
    public abstract int ImageChannels { get; }

    /// <summary>Sizes that are multiples of this need no padding.</summary>
    public abstract int Multiple { get; }

    /// <summary>The width of the degradation embedding, 0 for a network that takes none.</summary>
    public abstract int DegradationWidth { get; }

    /// <summary>The width of the content embedding, 0 for a network that takes none.</summary>
    public abstract int ContentWidth { get; }

    /// <summary>Does the part of the work that does not depend on state and time, once for all steps.</summary>
    /// <param name="degradation">DA-CLIP's degradation embedding [B, D], not normalised; null or unused: no
    /// prompt.</param>
    /// <param name="content">DA-CLIP's content embedding [B, C], not normalised; null where the network takes
    /// none.</param>
    public abstract DenoiserContext Prepare(Tensor? degradation, Tensor? content);

    /// <summary>One evaluation.</summary>
    /// <param name="state">x_t, [B, 3, H, W] around [0, 1]; any size.</param>
    /// <param name="condition">The degraded picture μ, [B, 3, H, W].</param>
    /// <param name="time">[B] or [1], float; 0 … T, may be fractional.</param>
    /// <param name="context">From <see cref="Prepare"/>.</param>
    /// <returns>[B, 3, H, W]: noise or clean picture, see <see cref="Target"/>.</returns>
    public abstract Tensor Forward(Tensor state, Tensor condition, Tensor time, DenoiserContext context);

    /// <summary>One evaluation, contexts included: for training.</summary>
    public Tensor Forward(
        Tensor state, Tensor condition, Tensor time, Tensor? degradation = null, Tensor? content = null) =>
        Forward(state, condition, time, Prepare(degradation, content));
}
