using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>
/// DA-CLIP (Luo et al., "Controlling Vision-Language Models for Multi-Task Image Restoration", ICLR 2024): a frozen
/// CLIP and a controller that tells the degradation of a picture and makes CLIP see the content through it.
/// State-dict names as published (github.com/Algolzw/daclip-uir): <c>clip</c>, <c>visual</c> (the image tower of
/// <c>clip</c> once more), <c>visual_control</c>, <c>logit_scale</c>.
/// </summary>
public sealed class DaClipModel : Module
{
    // The published recipe keeps the factor between 1 and 100.
    private static readonly double s_largestLogitScale = Math.Log(100);

    /// <summary>
    /// A model with random weights and zero controls. For training from a given CLIP load it, then call
    /// <see cref="InitializeController"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes do not fit together.</exception>
    public DaClipModel(ClipOptions options)
    {
        LogitScale = Parameter("logit_scale", Tensor.Scalar(MathF.Log(1 / 0.07f)));
        Clip = Child("clip", new ClipModel(options));
        // The published checkpoints hold the frozen tower under both names.
        Child("visual", Clip.Visual);
        Controller = Child("visual_control", new ImageController(options));
    }

    /// <summary>The frozen CLIP.</summary>
    public ClipModel Clip { get; }

    /// <summary>The controller.</summary>
    public ImageController Controller { get; }

    /// <summary>
    /// A scalar: the logarithm of the loss's factor; trained, unlike <see cref="ClipModel.LogitScale"/>.
    /// </summary>
    public Tensor LogitScale { get; }

    /// <summary>The sizes.</summary>
    public ClipOptions Options => Clip.Options;

    /// <summary>
    /// What is trained, with names: the controller and <see cref="LogitScale"/>. All of CLIP stays frozen.
    /// </summary>
    public IEnumerable<(string Name, Tensor Tensor)> TrainableParameters() =>
        NamedParameters().Where(each => !each.Name.StartsWith("clip.", StringComparison.Ordinal));

    /// <summary>
    /// Whether the published recipe lets AdamW shrink a parameter: not gains, biases and the logit scale.
    /// </summary>
    /// <param name="name">Full name.</param>
    /// <param name="parameter">The parameter.</param>
    public static bool HasWeightDecay(string name, Tensor parameter)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(parameter);
        string[] exempt = ["bn", "ln", "bias", "logit_scale"];
        return parameter.Rank >= 2 && !exempt.Any(part => name.Contains(part, StringComparison.Ordinal));
    }

    /// <summary>Embeds pictures.</summary>
    /// <param name="image">[B, 3, S, S], preprocessed.</param>
    /// <returns>The content and the degradation, [B, E] each, not normalised: what the restorer is guided by.</returns>
    /// <exception cref="ArgumentException">The pictures have another shape.</exception>
    public (Tensor Content, Tensor Degradation) EncodeImage(Tensor image)
    {
        Tensor patches = Clip.Visual.Patchify(image);
        (Tensor degradation, IReadOnlyList<Tensor> controls) = Controller.ForwardPatches(patches);
        return (Clip.Visual.ForwardPatches(patches, controls), degradation);
    }

    /// <summary>Embeds texts: plain CLIP.</summary>
    /// <inheritdoc cref="ClipModel.EncodeText(Tensor)"/>
    public Tensor EncodeText(Tensor tokens) => Clip.EncodeText(tokens);

    /// <summary>The training pass.</summary>
    /// <param name="image">[B, 3, S, S], preprocessed degraded pictures.</param>
    /// <param name="captions">[B, T] token ids of what the clean pictures show.</param>
    /// <param name="degradations">[B, T] token ids of the degradations' names.</param>
    /// <exception cref="ArgumentException">A shape is another one.</exception>
    /// <exception cref="InvalidOperationException">The model was built without text tower.</exception>
    public DaClipFeatures Forward(Tensor image, Tensor captions, Tensor degradations)
    {
        Tensor content, degradation, caption, prompt;
        (content, degradation) = EncodeImage(image);
        using (GradMode.Disable()) (caption, prompt) = (EncodeText(captions), EncodeText(degradations));
        return new DaClipFeatures(
            content.NormalizeL2(), caption.NormalizeL2(), degradation.NormalizeL2(), prompt.NormalizeL2(),
            LogitScale.Exp());
    }

    /// <summary>
    /// Starts the controller as the published code does. It copies the image tower's parameters by position, and
    /// because the controller has zero modules between, what follows the transformer is shifted: the first zero module
    /// gets the gain of <c>ln_post</c> in every row and its bias, and the controller's own <c>ln_post</c> stays plain.
    /// So training does not begin with exactly zero controls.
    /// </summary>
    /// <param name="exact">
    /// Copies by name instead, as the paper describes it: every zero module zero, <c>ln_post</c> copied.
    /// </param>
    public void InitializeController(bool exact = false)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        var source = Clip.Visual.NamedParameters().ToDictionary(each => each.Name, each => each.Tensor);
        foreach ((string name, Tensor target) in Controller.NamedParameters())
        {
            string plain = name.Replace("transformer.transformer.", "transformer.", StringComparison.Ordinal);
            if (source.TryGetValue(plain, out Tensor? original)) target.CopyInPlace(original);
            else target.ZeroInPlace();
        }
        if (exact) return;
        LayerNorm sourceNorm = Clip.Visual.OutputNorm, norm = Controller.OutputNorm;
        Linear first = Controller.Transformer.ZeroModules[0];
        first.Weight.CopyInPlace(sourceNorm.Weight);
        first.Bias!.CopyInPlace(sourceNorm.Bias);
        norm.Weight.FillInPlace(1);
        norm.Bias.ZeroInPlace();
    }

    /// <summary>Keeps the loss's factor between 1 and 100; the published recipe does so after every step.</summary>
    public void ClampLogitScale()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        LogitScale.CopyInPlace(LogitScale.Detach().Clamp(0, s_largestLogitScale));
    }
}
