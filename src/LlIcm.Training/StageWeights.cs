using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Training;

/// <summary>Weights that training starts from.</summary>
public static class StageWeights
{
    // Weight files have the plain name; in checkpoints the averaged weights are the better ones.
    private static readonly string[] s_prefixes = ["", "ema.", "model."];

    /// <summary>Fills a module's parameters, and its buffers where they are stored.</summary>
    /// <param name="module">The module.</param>
    /// <param name="path">A weight file, a checkpoint, or a folder.</param>
    /// <param name="fileName">The file that is meant in a folder.</param>
    /// <param name="rename">What a parameter is called in the file; null: as in the module.</param>
    /// <exception cref="TrainingException">The file is unusable or of another architecture; the message names it.</exception>
    public static void Load(Module module, string path, string fileName, Func<string, string>? rename = null)
    {
        if (Directory.Exists(path)) path = Path.Combine(path, fileName);
        try
        {
            using WeightFile file = WeightFile.Open(path);
            using var scope = new TensorScope();
            var found = new HashSet<string>();
            module.LoadState(
                name =>
                {
                    StoredTensor? stored = Find(file, rename?.Invoke(name) ?? name);
                    if (stored is not null) found.Add(name);
                    return stored?.ToTensor();
                },
                strict: false);
            HashSet<Tensor> parameters = new(module.Parameters(), ReferenceEqualityComparer.Instance);
            foreach (var names in module.StateDict().Where(each => parameters.Contains(each.Tensor))
                .GroupBy(each => each.Tensor, each => each.Name))
                if (!names.Any(found.Contains))
                    throw new TrainingException($"{path}: of another architecture: it lacks '{names.First()}' {names.Key}");
        }
        catch (TensorException error)
        {
            throw new TrainingException($"{path}: of another architecture: {error.Message}", error);
        }
        catch (Exception error) when (error is WeightFormatException or IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Fills named tensors from a checkpoint.</summary>
    /// <exception cref="TrainingException">The file is unusable or of another architecture; the message names it.</exception>
    public static void Load(IEnumerable<(string Name, Tensor Tensor)> tensors, string path)
    {
        try
        {
            using WeightFile file = WeightFile.Open(path);
            using var scope = new TensorScope();
            using var noGrad = GradMode.Disable();
            foreach ((string name, Tensor tensor) in tensors)
            {
                if (Find(file, name) is not { } stored || !stored.Shape.AsSpan().SequenceEqual(tensor.Shape))
                    throw new TrainingException($"{path}: of another architecture: '{name}' {tensor} is missing or differs");
                tensor.CopyInPlace(stored.ToTensor());
            }
        }
        catch (Exception error) when (error is WeightFormatException or IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>A stored tensor by its name in the model, in a weight file or a checkpoint; null if there is none.</summary>
    internal static StoredTensor? Find(WeightFile file, string name)
    {
        foreach (string prefix in s_prefixes)
            if (file.Tensors.TryGetValue(prefix + name, out StoredTensor? stored)) return stored;
        return null;
    }
}
