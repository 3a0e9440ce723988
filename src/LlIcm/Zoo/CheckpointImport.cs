using System.Globalization;
using LlIcm.Codecs.Mlic;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Tensors.Serialization;
using LlIcm.Vision;

namespace LlIcm.Zoo;

/// <summary>
/// Makes a model folder, as <see cref="LlIcmModel.Load"/> takes it, from the checkpoints that the networks' authors publish:
/// MLIC++ (both layouts), DA-CLIP, and the U-Nets and NAFNets of IR-SDE, Refusion and DA-CLIP. Which is which their tensors tell.
/// </summary>
public static class CheckpointImport
{
    // Left by data-parallel training and by averaging the weights.
    private static readonly string[] s_wrappers = ["module.", "ema_model."];

    // Trained for one degradation, without DA-CLIP, the published networks take 10/255 (Algolzw/image-restoration-sde).
    private const double MaxSigmaWithoutClip = 10;

    private static readonly string[] s_parts = [LlIcmModel.CodecFile, LlIcmModel.DaClipFile, LlIcmModel.RestorerFile];

    /// <summary>
    /// Converts checkpoints; parts that the folder held before are replaced, others stay. Nothing is changed unless all of them can
    /// be used.
    /// </summary>
    /// <param name="checkpoints">Weight files; at most one of a kind.</param>
    /// <param name="folder">The model folder, made where it is missing.</param>
    /// <param name="cancellation">Checked between files.</param>
    /// <returns>What was made.</returns>
    /// <exception cref="ModelException">A file is unreadable, holds none of these networks, or lacks a part of one.</exception>
    /// <exception cref="OutputException">The folder can't be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was changed.</exception>
    public static IReadOnlyList<ModelPart> Import(
        IReadOnlyList<string> checkpoints, string folder, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoints);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        List<(string Path, string Part)> kinds = [.. checkpoints.Select(path => (path, PartOf(path)))];
        foreach (IGrouping<string, string> twins in kinds.GroupBy(each => each.Part, each => each.Path).Where(group => group.Count() > 1))
            throw new ModelException($"{string.Join(" and ", twins)} would both become {twins.Key}");

        bool existed = Directory.Exists(folder);
        var written = new List<(string Temporary, string Final)>();
        var parts = new List<ModelPart>();
        bool complete = false;
        try
        {
            Directory.CreateDirectory(folder);
            foreach ((string path, string part) in kinds)
            {
                cancellation.ThrowIfCancellationRequested();
                string final = Path.Combine(folder, part), temporary = final + ".new";
                written.Add((temporary, final));
                parts.Add(new ModelPart(part, path, Convert(path, part, temporary)));
            }
            cancellation.ThrowIfCancellationRequested();
            foreach ((string temporary, string final) in written) File.Move(temporary, final, overwrite: true);
            complete = true;
            return parts;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(folder, error);
        }
        finally
        {
            if (!complete) Remove(folder, existed, written.Select(each => each.Temporary));
        }
    }

    /// <summary>The parts a model folder still lacks.</summary>
    public static IReadOnlyList<string> MissingFrom(string folder) =>
        [.. s_parts.Where(part => !File.Exists(Path.Combine(folder, part)))];

    private static void Remove(string folder, bool existed, IEnumerable<string> files)
    {
        foreach (string file in files) File.Delete(file);
        if (!existed && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    private static WeightFile Open(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path)) throw new ModelException($"{path}: there is no such file");
        WeightFile file = LlIcmModel.Open(path);
        try
        {
            return new RenamedWeightFile(file, Rename);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static string Rename(string name)
    {
        foreach (string wrapper in s_wrappers)
            if (name.StartsWith(wrapper, StringComparison.Ordinal)) name = name[wrapper.Length..];
        return MlicWeights.Rename(name);
    }

    private static string PartOf(string path)
    {
        using WeightFile file = Open(path);
        bool Has(string name) => file.Tensors.ContainsKey(name);
        if (Has("g_a.analysis_transform.6.weight")) return LlIcmModel.CodecFile;
        if (Has("visual_control.conv1.weight")) return LlIcmModel.DaClipFile;
        if ((Has("init_conv.weight") && Has("final_conv.weight")) || Has("intro.weight")) return LlIcmModel.RestorerFile;
        string found = Has("visual.conv1.weight") ? "a CLIP without DA-CLIP's controller"
            : Has("g_a.0.weight") || Has("g_a.0.conv1.weight") ? "a codec of another family than MLIC"
            : $"{file.Tensors.Count} tensors of something else";
        throw new ModelException($"{path}: neither an MLIC codec nor a DA-CLIP nor a restoration network, but {found}");
    }

    private static string Convert(string path, string part, string output)
    {
        using var scope = new TensorScope();
        using IDisposable host = HostEngine.Instance.Use();
        using WeightFile file = Open(path);
        if (part == LlIcmModel.CodecFile)
        {
            using MlicModel codec = LlIcmModel.LoadCodec(file);
            // Training saves codecs whose tables were never made.
            if (!codec.HasTables) codec.UpdateTables();
            LlIcmModel.SaveCodec(codec, output, ScalarType.Float);
            string layout = codec.Options.OldSynthesis ? " of the layout of 2023" : "";
            return $"MLIC codec{layout}, {Count(codec)}";
        }
        if (part == LlIcmModel.DaClipFile)
        {
            using DaClipModel vision = LlIcmModel.LoadVision(file);
            LlIcmModel.SaveVision(vision, Words(vision, path), output, ScalarType.Float);
            return $"DA-CLIP, {Count(vision)}";
        }
        using ConditionalDenoiser network = LlIcmModel.LoadRestorer(file);
        var process = new IrSdeOptions();
        if (network.DegradationWidth + network.ContentWidth == 0) process = process with { MaxSigma = MaxSigmaWithoutClip };
        Dictionary<string, string> metadata = process.ToMetadata();
        if (network is ConditionalNafNet nafNet)
            foreach ((string key, string value) in nafNet.Options.ToMetadata()) metadata[key] = value;
        LlIcmModel.SaveRestorer(network, metadata, output, ScalarType.Float);
        return $"{(network is ConditionalNafNet ? "NAFNet" : "U-Net")}, {Count(network)}";
    }

    private static Tensor Words(DaClipModel vision, string path)
    {
        if (!vision.Options.HasText)
            throw new ModelException($"{path}: without its text tower the degradations' words cannot be embedded");
        try
        {
            return ClipTexts.Encode(vision.Clip, DegradationRecognizer.PublishedTokens(vision.Options));
        }
        catch (ArgumentException error)
        {
            throw new ModelException($"{path}: {error.Message}", inner: error);
        }
    }

    private static string Count(Module module) => string.Create(
        CultureInfo.InvariantCulture, $"{module.Parameters().Sum(each => each.ElementCount) / 1e6:0.0} M parameters");
}
