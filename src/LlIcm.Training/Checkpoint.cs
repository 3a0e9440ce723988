using System.Globalization;
using System.Runtime.InteropServices;
using LlIcm.Torch;
using LlIcm.Torch.Serialization;

namespace LlIcm.Training;

/// <summary>Everything a run needs to go on: named tensors in single precision and the step.</summary>
public static class Checkpoint
{
    private const string StepKey = "step";

    /// <summary>Writes a checkpoint; the old one is replaced only once the new one is complete.</summary>
    public static void Save(string path, IEnumerable<(string Name, Tensor Tensor)> state, long step)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        SafeTensorsWriter.Write(
            path,
            state.Select(each => (each.Name, each.Tensor.Type, each.Tensor.Shape.ToArray(),
                (ReadOnlyMemory<byte>)MemoryMarshal.AsBytes(each.Tensor.ToArray<float>().AsSpan()).ToArray())),
            new Dictionary<string, string> { [StepKey] = step.ToString(CultureInfo.InvariantCulture) });
    }

    /// <summary>Fills tensors from a checkpoint.</summary>
    /// <returns>The step it was written after.</returns>
    /// <exception cref="TrainingException">It is unreadable or of another architecture; the message names file and tensor.</exception>
    public static long Load(string path, IEnumerable<(string Name, Tensor Tensor)> state)
    {
        try
        {
            using WeightFile file = WeightFile.Open(path);
            using var scope = new TensorScope();
            using var noGrad = GradMode.Disable();
            foreach ((string name, Tensor tensor) in state)
            {
                if (!file.Tensors.TryGetValue(name, out StoredTensor? stored) || !stored.Shape.AsSpan().SequenceEqual(tensor.Shape))
                    throw new TrainingException($"{path}: not a checkpoint of this recipe: '{name}' {tensor} is missing or differs");
                tensor.CopyInPlace(stored.ToTensor());
            }
            return long.Parse(file.Metadata[StepKey], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is WeightFormatException or IOException or KeyNotFoundException or FormatException)
        {
            throw new TrainingException($"{path}: {error.Message}");
        }
    }
}
