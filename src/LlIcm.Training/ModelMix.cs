using LlIcm.Tensors;

namespace LlIcm.Training;

/// <summary>
/// Models between two others: weights where training began and where it came to, or of two legs from the same beginning. What short
/// training moves at random averages out (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022).
/// </summary>
public static class ModelMix
{
    /// <summary>Writes <c>codec</c>, <c>daclip</c> and <c>restorer.safetensors</c>.</summary>
    /// <param name="from">A preset or the folder of a model.</param>
    /// <param name="to">Another of the same architecture.</param>
    /// <param name="shares">How much of the way is gone.</param>
    /// <param name="output">The folder to write to, made where it is missing.</param>
    /// <exception cref="ArgumentOutOfRangeException">A share is not within 0–1.</exception>
    /// <exception cref="ModelException">A model is missing or unusable.</exception>
    /// <exception cref="TrainingException">The models differ in architecture.</exception>
    /// <exception cref="OutputException">The folder can't be written to.</exception>
    public static void Write(string from, string to, MixShares shares, string output)
    {
        foreach (double share in (double[])[shares.Codec, shares.Controller, shares.Restorer])
        {
            if (share is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(shares), share, "shares are 0 to 1");
        }
        using LlIcmModel start = LlIcmModel.Load(from), end = LlIcmModel.Load(to);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Mix("codec", start.Codec.Parameters(), end.Codec.Parameters(), shares.Codec);
        Mix("daclip", [.. start.Vision.Parameters(), start.WordEmbeddings], [.. end.Vision.Parameters(), end.WordEmbeddings], shares.Controller);
        Mix("restorer", start.Restorer.Parameters(), end.Restorer.Parameters(), shares.Restorer);
        Output.Model(end, output);

        void Mix(string part, IEnumerable<Tensor> begin, IEnumerable<Tensor> reached, double share)
        {
            Tensor[] first = [.. begin], second = [.. reached];
            if (first.Length != second.Length || first.Zip(second).Any(pair => !pair.First.Shape.SequenceEqual(pair.Second.Shape)))
                throw new TrainingException($"{from} and {to} differ in the architecture of {part}: they can't be mixed");
            HashSet<Tensor> mixed = new(ReferenceEqualityComparer.Instance);
            foreach ((Tensor weights, Tensor other) in second.Zip(first))
                if (mixed.Add(weights)) weights.LerpInPlace(other, 1 - share);
        }
    }
}
