using LlIcm.Tensors;
using LlIcm.Tensors.Modules;

namespace LlIcm.Vision;

/// <summary>
/// The compact model's recogniser: what is wrong with a picture, or that nothing is. It sees the whole picture made small, which shows haze, shadows and
/// light, and squares of it at native size, which show what shrinking hides: rain, noise, blocks, blur.
/// </summary>
public sealed class DegradationClassifier : Module
{
    private readonly ClassifierTrunk _whole, _details;
    private readonly Linear _hidden, _words;

    /// <summary>A network with fresh weights.</summary>
    public DegradationClassifier(DegradationClassifierOptions options)
    {
        Options = options;
        _whole = Child("whole", new ClassifierTrunk(options.Widths));
        _details = Child("details", new ClassifierTrunk(options.Widths));
        // Means and maxima, of the details both over the squares, too.
        _hidden = Child("hidden", new Linear(options.Widths[^1] * 6, options.Hidden));
        _words = Child("words", new Linear(options.Hidden, options.Words));
    }

    /// <summary>The network's shape.</summary>
    public DegradationClassifierOptions Options { get; }

    /// <summary>How likely each word is, as logits before the temperature.</summary>
    /// <param name="whole">Pictures made small, 0–1, <c>[B, 3, S, S]</c>.</param>
    /// <param name="details">K squares of each, one picture's after the other, <c>[B·K, 3, S, S]</c>.</param>
    /// <returns><c>[B, words]</c>.</returns>
    public Tensor Forward(Tensor whole, Tensor details)
    {
        using var scope = new TensorScope();
        long count = whole.Size(0);
        Tensor squares = _details.Forward(details);
        squares = squares.Reshape(count, details.Size(0) / count, squares.Size(1));
        Tensor features = Tensor.Cat(1, _whole.Forward(whole), squares.Mean([1]), squares.Amax([1]));
        return scope.Keep(_words.Forward(_hidden.Forward(features).LeakyRelu(0.1)));
    }
}
