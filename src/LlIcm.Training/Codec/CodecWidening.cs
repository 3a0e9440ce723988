using LlIcm.Codecs.Mlic;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Training.Codec;

/// <summary>
/// Puts the weights of a codec into one with more latents, whose transforms go on where the narrow ones ended: what is new starts as in
/// <see cref="HaarInitialization"/>, the next coefficients that it would have kept. Networks of the entropy model that have other sizes
/// start anew, and the latent residual prediction at zero.
/// </summary>
public static class CodecWidening
{
    /// <summary>Fills the codec.</summary>
    /// <param name="model">The wide codec, as <see cref="HaarInitialization"/> left it.</param>
    /// <param name="path">The narrow codec: a weight file, a checkpoint, or a folder.</param>
    /// <exception cref="TrainingException">The file is unusable, or its codec has more latents; the message names it.</exception>
    public static void Load(MlicModel model, string path)
    {
        if (Directory.Exists(path)) path = Path.Combine(path, CodecStage.FileName);
        try
        {
            using WeightFile file = WeightFile.Open(path);
            using var scope = new TensorScope();
            using var noGrad = GradMode.Disable();
            Place(model, file, path);
        }
        catch (Exception error) when (error is WeightFormatException or IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path}: {error.Message}", error);
        }
    }

    private static void Place(MlicModel model, WeightFile file, string path)
    {
        foreach ((string name, Tensor wide) in model.NamedParameters())
        {
            Tensor? narrow = StageWeights.Find(file, name)?.ToTensor().To(ScalarType.Float);
            bool transform = name.StartsWith("g_", StringComparison.Ordinal);
            if (transform && (narrow is null || !Fits(narrow, wide)))
                throw new TrainingException($"{path}: its codec can't be widened: '{name}' is {narrow?.ToString() ?? "missing"} there, {wide} here");
            // The residual prediction reads all means: it has other inputs in every slice.
            if (name.StartsWith("lrp_", StringComparison.Ordinal)) StartAtNothing(model, name, wide);
            else if (narrow is not null && narrow.Shape.SequenceEqual(wide.Shape)) wide.CopyInPlace(narrow);
            else if (name.StartsWith("h_s.", StringComparison.Ordinal) && narrow is not null && Fits(narrow, wide)) PlaceHalves(wide, narrow);
            else if (name.StartsWith("gain.", StringComparison.Ordinal) && narrow is not null && Fits(narrow, wide)) PlaceGains(wide, narrow);
            else if (narrow is not null && Fits(narrow, wide)) PlaceBlock(wide, narrow, keepInputs: name.Contains(".skip.", StringComparison.Ordinal));
        }
    }

    private static bool Fits(Tensor narrow, Tensor wide) =>
        narrow.Rank == wide.Rank && Enumerable.Range(0, wide.Rank).All(i => narrow.Size(i) <= wide.Size(i));

    // What was there does not read what is new, but in the skips, which carry the signal.
    private static void PlaceBlock(Tensor wide, Tensor narrow, bool keepInputs)
    {
        Tensor rows = wide.Narrow(0, 0, narrow.Size(0));
        if (wide.Rank > 1)
        {
            if (!keepInputs) rows.ZeroInPlace();
            rows = rows.Narrow(1, 0, narrow.Size(1));
        }
        rows.CopyInPlace(narrow);
    }

    // The hyper synthesis gives scales, then means.
    private static void PlaceHalves(Tensor wide, Tensor narrow)
    {
        for (int half = 0; half < 2; half++)
        {
            PlaceBlock(
                wide.Narrow(0, half * wide.Size(0) / 2, wide.Size(0) / 2), narrow.Narrow(0, half * narrow.Size(0) / 2, narrow.Size(0) / 2),
                keepInputs: false);
        }
    }

    private static void PlaceGains(Tensor wide, Tensor narrow)
    {
        wide.CopyInPlace(narrow.Mean([1], keep: true) + wide.ZerosLike());
        wide.Narrow(1, 0, narrow.Size(1)).CopyInPlace(narrow);
    }

    private static void StartAtNothing(MlicModel model, string name, Tensor tensor)
    {
        int last = 2 * (model.Options.ResidualPredictionWidths?.Count ?? 3);
        if (name.Contains($".lrp_transform.{last}.", StringComparison.Ordinal)) tensor.ZeroInPlace();
    }
}
