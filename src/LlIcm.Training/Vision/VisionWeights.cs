using System.Runtime.InteropServices;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Tensors.Serialization;
using LlIcm.Vision;

namespace LlIcm.Training.Vision;

/// <summary>Files of the vision model's two stages.</summary>
public static class VisionWeights
{
    /// <summary>What training of the tower writes, in single precision: training of the controller starts from it.</summary>
    public const string TowerFile = "tower.safetensors";

    /// <summary>What training of the controller writes: tower, controller and words.</summary>
    public const string ModelFile = "daclip.safetensors";

    private const string Words = "degradation_text_features";

    /// <summary>Writes the image tower.</summary>
    public static void SaveTower(ClipModel clip, string folder)
    {
        using var scope = new TensorScope();
        SafeTensorsWriter.Write(
            Path.Combine(folder, TowerFile),
            clip.Visual.NamedParameters("visual.").Select(each => (each.Name, ScalarType.Float, each.Tensor.Shape.ToArray(),
                (ReadOnlyMemory<byte>)MemoryMarshal.AsBytes(each.Tensor.ToArray<float>().AsSpan()).ToArray())),
            clip.Options.ToMetadata());
    }

    /// <summary>Fills the image tower from its own file, a checkpoint, or a whole vision model.</summary>
    /// <exception cref="TrainingException">The file is unusable or of another architecture; the message names it.</exception>
    public static void LoadTower(Module tower, string path)
    {
        if (Directory.Exists(path) && !File.Exists(Path.Combine(path, TowerFile))) path = Path.Combine(path, ModelFile);
        StageWeights.Load(tower, path, TowerFile, name => NameIn(path, "visual." + name));
    }

    /// <summary>Fills controller, tower and words from a vision model's file or a checkpoint.</summary>
    /// <exception cref="TrainingException">The file is unusable or of another architecture; the message names it.</exception>
    public static void LoadModel(DaClipModel model, Tensor words, string path)
    {
        StageWeights.Load(model, path, ModelFile);
        if (Directory.Exists(path)) path = Path.Combine(path, ModelFile);
        using WeightFile file = WeightFile.Open(path);
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        if (StageWeights.Find(file, Words) is not { } stored || !stored.Shape.AsSpan().SequenceEqual(words.Shape))
            throw new TrainingException($"{path}: of another architecture: '{Words}' {words} is missing or differs");
        words.CopyInPlace(stored.ToTensor().To(words.Device));
    }

    // In a whole model the tower is part of CLIP.
    private static string NameIn(string path, string name)
    {
        try
        {
            if (Directory.Exists(path)) path = Path.Combine(path, TowerFile);
            using WeightFile file = WeightFile.Open(path);
            return StageWeights.Find(file, name) is null ? "clip." + name : name;
        }
        catch (Exception error) when (error is WeightFormatException or IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path}: {error.Message}", error);
        }
    }
}
