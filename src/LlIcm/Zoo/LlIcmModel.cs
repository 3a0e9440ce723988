using System.Globalization;
using System.Security.Cryptography;
using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Torch;
using LlIcm.Torch.Modules;
using LlIcm.Torch.Serialization;
using LlIcm.Vision;

namespace LlIcm;

/// <summary>
/// A joint model: the codec, the DA-CLIP that looks at the decoded picture, and the network that restores it. A folder holds it as
/// <c>codec.safetensors</c>, <c>daclip.safetensors</c> and <c>restorer.safetensors</c>; the latter two are loaded when first used.
/// </summary>
public sealed class LlIcmModel : IDisposable
{
    /// <summary>The model that comes with the program.</summary>
    public const string Compact = "compact";

    private const string CodecFile = "codec.safetensors", DaClipFile = "daclip.safetensors",
        RestorerFile = "restorer.safetensors", WordsKey = "degradation_text_features";

    private readonly string _folder;
    private readonly Lazy<(DaClipModel Model, DegradationRecognizer Recognizer, Tensor Words)> _vision;
    private readonly Lazy<ConditionalDenoiser> _restorer;

    private LlIcmModel(string name, string folder, Device device)
    {
        (Name, _folder, Device) = (name, folder, device);
        string path = Require(CodecFile);
        Identity = ModelIdentity.FromSha256(name, HashOf(path));
        Codec = LoadCodec(path, device);
        _vision = new(LoadVision);
        _restorer = new(LoadRestorer);
    }

    /// <summary>The preset's name.</summary>
    public string Name { get; }

    /// <summary>What a file names as the model it needs: the name and a hash of the codec's weights.</summary>
    public ModelIdentity Identity { get; }

    /// <summary>Where the networks run.</summary>
    public Device Device { get; }

    /// <summary>The codec.</summary>
    public MlicModel Codec { get; }

    /// <summary>CLIP and its controller.</summary>
    /// <exception cref="ModelException">The weights are missing or unusable.</exception>
    public DaClipModel Vision => _vision.Value.Model;

    /// <summary>Names the degradation of an embedding.</summary>
    /// <exception cref="ModelException">The weights are missing or unusable.</exception>
    public DegradationRecognizer Recognizer => _vision.Value.Recognizer;

    /// <summary>Embeddings of the recogniser's words, [10, E].</summary>
    /// <exception cref="ModelException">The weights are missing or unusable.</exception>
    public Tensor WordEmbeddings => _vision.Value.Words;

    /// <summary>The denoiser of the mean-reverting SDE.</summary>
    /// <exception cref="ModelException">The weights are missing or unusable.</exception>
    public ConditionalDenoiser Restorer => _restorer.Value;

    /// <summary>The process the restorer was trained for.</summary>
    public IrSdeOptions Process { get; } = new();

    /// <summary>The presets that come with the program.</summary>
    public static IReadOnlyList<string> Presets => Directory.Exists(PresetRoot)
        ? [.. Directory.GetDirectories(PresetRoot).Where(each => File.Exists(Path.Combine(each, CodecFile)))
            .Select(each => Path.GetFileName(each)).Order(StringComparer.Ordinal)]
        : [];

    private static string PresetRoot => Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>Loads a preset by name, or a folder.</summary>
    /// <param name="nameOrFolder">A preset's name, or the path of a folder; null for <see cref="Compact"/>.</param>
    /// <param name="device">Where to run; null for the processor.</param>
    /// <exception cref="ModelException">There is no such model, or its files are unusable.</exception>
    public static LlIcmModel Load(string? nameOrFolder = null, Device? device = null)
    {
        nameOrFolder ??= Compact;
        string folder = FolderOf(nameOrFolder) ?? throw new ModelException(
            $"there is no model '{nameOrFolder}'; presets: {string.Join(", ", Presets)}; or give the folder of one");
        return new LlIcmModel(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), folder, device ?? Device.Cpu);
    }

    /// <summary>The folder of a preset or model; null if there is none.</summary>
    /// <param name="nameOrFolder">A preset's name, or the path of a folder.</param>
    public static string? FolderOf(string nameOrFolder)
    {
        string preset = Path.Combine(PresetRoot, nameOrFolder);
        if (nameOrFolder.IndexOfAny(['/', '\\']) < 0 && File.Exists(Path.Combine(preset, CodecFile))) return preset;
        return File.Exists(Path.Combine(nameOrFolder, CodecFile)) ? Path.GetFullPath(nameOrFolder) : null;
    }

    /// <summary>Checks that a file was made with this model: with these weights, whatever their folder is called.</summary>
    /// <exception cref="ModelException">It was not; the message says which model it needs.</exception>
    public void RequireFor(LlicHeader header)
    {
        if (header.Model.Hash != Identity.Hash)
            throw new ModelException($"the file was made with model {header.Model}, this is {Identity}", concernsFile: true);
    }

    /// <summary>Writes a codec in half precision with its tables, ready for <see cref="Load"/>.</summary>
    /// <param name="codec">The codec; its parameters are rounded in place to what the file holds.</param>
    /// <param name="path">The file, replaced as a whole.</param>
    public static void SaveCodec(MlicModel codec, string path)
    {
        RoundToHalf(codec);
        codec.UpdateTables();
        Save(codec.StateDict(), path, MlicWeights.Metadata(codec.Options));
    }

    /// <summary>Writes a vision model and its word embeddings in half precision.</summary>
    public static void SaveVision(DaClipModel vision, Tensor words, string path)
    {
        // The aliases of the frozen tower are left out: they would double the file.
        IEnumerable<(string Name, Tensor Tensor)> own = vision.StateDict()
            .Where(each => !each.Name.StartsWith("visual.", StringComparison.Ordinal));
        Save(own.Append((WordsKey, words)), path, vision.Options.ToMetadata());
    }

    /// <summary>Writes a restorer in half precision.</summary>
    public static void SaveRestorer(ConditionalNafNet network, string path) =>
        Save(network.StateDict(), path, new Dictionary<string, string>(network.Options.ToMetadata()));

    /// <inheritdoc/>
    public void Dispose()
    {
        Codec.Dispose();
        if (_vision.IsValueCreated)
        {
            _vision.Value.Model.Dispose();
            _vision.Value.Recognizer.Dispose();
            _vision.Value.Words.Dispose();
        }
        if (_restorer.IsValueCreated) _restorer.Value.Dispose();
    }

    private static MlicModel LoadCodec(string path, Device device)
    {
        using WeightFile file = Open(path);
        try
        {
            MlicModel codec;
            using (Initialization.Skip()) codec = new MlicModel(MlicWeights.OptionsOf(file.Tensors, file.Metadata));
            Fill(codec, file);
            codec.Eval();
            if (!device.IsCpu) codec.To(device);
            return codec;
        }
        catch (WeightFormatException error)
        {
            throw new ModelException($"{path}: {error.Message}");
        }
    }

    private (DaClipModel, DegradationRecognizer, Tensor) LoadVision()
    {
        using WeightFile file = Open(Require(DaClipFile));
        DaClipModel model;
        using (Initialization.Skip()) model = new DaClipModel(ClipOptions.Of(file));
        Fill(model, file, name => name.StartsWith("visual.", StringComparison.Ordinal) ? "clip." + name : name);
        model.Eval();
        if (!Device.IsCpu) model.To(Device);
        Tensor words = file[WordsKey].ToTensor().To(Device, ScalarType.Float).Unscoped();
        return (model, new DegradationRecognizer(words), words);
    }

    private ConditionalDenoiser LoadRestorer()
    {
        using WeightFile file = Open(Require(RestorerFile));
        ConditionalDenoiser network;
        try
        {
            using (Initialization.Skip())
                network = file.Tensors.ContainsKey("intro.weight")
                    ? new ConditionalNafNet(ConditionalNafNetOptions.FromWeights(file))
                    : new ConditionalUNet(ConditionalUNetOptions.FromWeights(file));
        }
        catch (WeightFormatException error)
        {
            throw new ModelException($"{file.Source}: {error.Message}");
        }
        Fill(network, file);
        network.Eval();
        if (!Device.IsCpu) network.To(Device);
        return network;
    }

    private string Require(string name)
    {
        string path = Path.Combine(_folder, name);
        return File.Exists(path) ? path : throw new ModelException($"model '{Name}' lacks {path}");
    }

    private static WeightFile Open(string path)
    {
        try
        {
            return WeightFile.Open(path);
        }
        catch (Exception error) when (error is WeightFormatException or IOException or UnauthorizedAccessException)
        {
            throw new ModelException(error.Message);
        }
    }

    private static void Fill(Module module, WeightFile file, Func<string, string>? rename = null)
    {
        using var scope = new TensorScope();
        try
        {
            module.LoadState(name => file.Tensors.TryGetValue(rename?.Invoke(name) ?? name, out StoredTensor? stored)
                ? stored.ToTensor() : null);
        }
        catch (TorchException error)
        {
            throw new ModelException($"{file.Source}: {error.Message}");
        }
    }

    private static void RoundToHalf(Module module)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        foreach ((_, Tensor tensor) in module.NamedParameters())
            tensor.CopyInPlace(tensor.To(ScalarType.Half).To(ScalarType.Float));
    }

    private static void Save(
        IEnumerable<(string Name, Tensor Tensor)> tensors, string path, Dictionary<string, string> metadata)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        metadata["format"] = "pt";
        metadata["producer"] = string.Create(CultureInfo.InvariantCulture, $"llicm {typeof(LlIcmModel).Assembly.GetName().Version}");
        SafeTensorsWriter.Write(path, tensors.Select(each =>
        {
            ScalarType type = each.Tensor.Type == ScalarType.Float ? ScalarType.Half : each.Tensor.Type;
            byte[] bytes = new byte[each.Tensor.ElementCount * Tensor.SizeOf(type)];
            each.Tensor.To(type).CopyTo<byte>(bytes);
            return (each.Name, type, each.Tensor.Shape.ToArray(), (ReadOnlyMemory<byte>)bytes);
        }), metadata);
    }

    private static byte[] HashOf(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return SHA256.HashData(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(error.Message);
        }
    }
}
