using LlIcm.Imaging;
using LlIcm.Onnx;
using LlIcm.Tensors;

namespace LlIcm.Vision;

/// <summary>A <see cref="DegradationClassifier"/> at work, on ONNX Runtime; several threads may ask it at the same time.</summary>
public sealed class PictureClassifier : IDisposable
{
    private readonly DegradationClassifier _network;
    private readonly Lazy<OnnxProgram> _program;

    /// <summary>Records nothing yet.</summary>
    /// <param name="network">The network, which stays the caller's.</param>
    public PictureClassifier(DegradationClassifier network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        const int side = ClassifierViews.Side;
        GraphInput[] inputs = [new([1, 3, side, side]), new([ClassifierViews.Squares, 3, side, side])];
        _program = new(() => OnnxProgram.Record("recogniser", inputs, given => [network.Forward(given[0], given[1])]));
    }

    /// <summary>All degradations, clean among them, with their probabilities, likeliest first.</summary>
    /// <param name="picture">A picture of any size.</param>
    public IReadOnlyList<(Degradation Degradation, double Probability)> Recognise(Picture picture)
    {
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        const int side = ClassifierViews.Side;
        Tensor whole = Tensor.From<float>(ClassifierViews.Whole(picture.Rgb, picture.Width, picture.Height), [1, 3, side, side]);
        Tensor details = Tensor.From<float>(
            ClassifierViews.Details(picture.Rgb, picture.Width, picture.Height), [ClassifierViews.Squares, 3, side, side]);
        float[] logits = _program.Value.Run([whole, details])[0].ToArray<float>();
        return [.. Enum.GetValues<Degradation>().Zip(Probabilities(logits, _network.Options.Temperature)).OrderByDescending(each => each.Second)];
    }

    internal OnnxProgram Program => _program.Value;

    internal double Temperature => _network.Options.Temperature;

    /// <summary>Probabilities of logits.</summary>
    /// <param name="logits">One a word.</param>
    /// <param name="temperature">What they are divided by.</param>
    public static double[] Probabilities(ReadOnlySpan<float> logits, double temperature)
    {
        double highest = float.NegativeInfinity, sum = 0;
        foreach (float logit in logits) highest = Math.Max(highest, logit);
        double[] probabilities = new double[logits.Length];
        for (int i = 0; i < logits.Length; i++) sum += probabilities[i] = Math.Exp((logits[i] - highest) / temperature);
        for (int i = 0; i < logits.Length; i++) probabilities[i] /= sum;
        return probabilities;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_program.IsValueCreated) _program.Value.Dispose();
    }
}
