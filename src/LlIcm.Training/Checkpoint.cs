using System.Globalization;
using System.Runtime.InteropServices;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Training;

/// <summary>Everything a run needs to go on: named tensors in single precision, the step and a few numbers.</summary>
public static class Checkpoint
{
    private const string StepKey = "step";

    /// <summary>Writes a checkpoint; the old one is replaced only once the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="state">The tensors.</param>
    /// <param name="step">Steps made.</param>
    /// <param name="numbers">Whatever else is to come back.</param>
    /// <exception cref="OutputException">It can't be written; the message names the file, the old one is as it was.</exception>
    public static void Save(
        string path, IEnumerable<(string Name, Tensor Tensor)> state, long step,
        IReadOnlyDictionary<string, double>? numbers = null)
    {
        var metadata = new Dictionary<string, string> { [StepKey] = step.ToString(CultureInfo.InvariantCulture) };
        foreach ((string name, double value) in numbers ?? new Dictionary<string, double>())
            metadata[name] = value.ToString("R", CultureInfo.InvariantCulture);
        Output.Guard(path, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            SafeTensorsWriter.Write(
                path,
                state.Select(each => (each.Name, each.Tensor.Type, each.Tensor.Shape.ToArray(),
                    (ReadOnlyMemory<byte>)MemoryMarshal.AsBytes(each.Tensor.ToArray<float>().AsSpan()).ToArray())),
                metadata);
        });
    }

    /// <summary>Fills tensors from a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="state">The tensors.</param>
    /// <param name="numbers">Receives the numbers that were saved along; null: not wanted.</param>
    /// <returns>The step it was written after.</returns>
    /// <exception cref="TrainingException">It is unreadable or of another architecture; the message names file and tensor.</exception>
    public static long Load(
        string path, IEnumerable<(string Name, Tensor Tensor)> state, IDictionary<string, double>? numbers = null)
    {
        try
        {
            using WeightFile file = WeightFile.Open(path);
            using var scope = new TensorScope();
            using var noGrad = GradMode.Disable();
            List<(StoredTensor Stored, Tensor Tensor)> pairs = [];
            foreach ((string name, Tensor tensor) in state)
            {
                if (!file.Tensors.TryGetValue(name, out StoredTensor? stored) || !stored.Shape.AsSpan().SequenceEqual(tensor.Shape))
                    throw new TrainingException($"{path}: not a checkpoint of this recipe: '{name}' {tensor} is missing or differs");
                pairs.Add((stored, tensor));
            }
            foreach ((StoredTensor stored, Tensor tensor) in pairs) tensor.CopyInPlace(stored.ToTensor().To(tensor.Device));
            foreach ((string name, string value) in file.Metadata)
                if (numbers is not null && double.TryParse(value, CultureInfo.InvariantCulture, out double number))
                    numbers[name] = number;
            return long.Parse(file.Metadata[StepKey], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (
            error is WeightFormatException or IOException or UnauthorizedAccessException or KeyNotFoundException or FormatException)
        {
            throw new TrainingException($"{path}: {error.Message}", error);
        }
    }
}
