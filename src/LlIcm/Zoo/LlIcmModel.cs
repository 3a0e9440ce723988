using System.Globalization;
using System.Security.Cryptography;
using LlIcm.Codecs.Mlic;
using LlIcm.Container;
using LlIcm.Onnx;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.Tensors.Serialization;
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

    internal const string CodecFile = "codec.safetensors", DaClipFile = "daclip.safetensors",
        RestorerFile = "restorer.safetensors";

    /// <summary>The file of a model's own recogniser; a model without one asks its DA-CLIP.</summary>
    public const string RecogniserFile = "recogniser.safetensors";

    private const string WordsKey = "degradation_text_features";

    private readonly string _folder;
    private readonly Lazy<(DaClipModel Model, DegradationRecognizer Recognizer, Tensor Words)> _vision;
    private readonly Lazy<(ConditionalDenoiser Network, IrSdeOptions Process)> _restorer;
    private readonly Lazy<MlicCoder> _coder;
    private readonly Lazy<RecordedDenoiser> _denoiser;
    private readonly Lazy<TaskRestorer> _taskRestorer;
    private readonly Lazy<(DegradationClassifier Network, PictureClassifier AtWork)?> _classifier;
    private readonly Lazy<OnnxProgram> _imageEncoder;
    private bool _disposed;

    private LlIcmModel(string name, string folder, Device device)
    {
        (Name, _folder, Device) = (name, folder, device);
        string path = Require(CodecFile);
        Identity = ModelIdentity.FromSha256(name, HashOf(path));
        Codec = LoadCodec(path, device);
        _vision = new(LoadVision);
        _restorer = new(LoadRestorer);
        _coder = new(() => new MlicCoder(Codec));
        _denoiser = new(() => new RecordedDenoiser(Restorer));
        _taskRestorer = new(() => new TaskRestorer(Restorer as TaskUNet
            ?? throw new ModelException($"model '{Name}': its restorer is a denoiser of a diffusion")));
        _imageEncoder = new(RecordVision);
        _classifier = new(LoadClassifier);
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
    public DaClipModel Vision => Alive(_vision).Value.Model;

    /// <summary>Names the degradation of an embedding.</summary>
    /// <exception cref="ModelException">The weights are missing or unusable.</exception>
    public DegradationRecognizer Recognizer => Alive(_vision).Value.Recognizer;

    /// <summary>Embeddings of the recogniser's words, [10, E].</summary>
    /// <exception cref="ModelException">The weights are missing or unusable.</exception>
    public Tensor WordEmbeddings => Alive(_vision).Value.Words;

    /// <summary>The denoiser of the mean-reverting SDE.</summary>
    /// <exception cref="ModelException">The weights are missing or unusable.</exception>
    public ConditionalDenoiser Restorer => Alive(_restorer).Value.Network;

    /// <summary>The process the restorer was trained for; the published one's where its file doesn't say.</summary>
    /// <exception cref="ModelException">The weights are missing or unusable.</exception>
    public IrSdeOptions Process => Alive(_restorer).Value.Process;

    /// <summary>The codec at work: its networks run on ONNX Runtime.</summary>
    /// <exception cref="ObjectDisposedException">The model has been disposed of.</exception>
    public MlicCoder Coder => Alive(_coder).Value;

    /// <summary>The restoration network at work: it runs on ONNX Runtime.</summary>
    public RecordedDenoiser Denoiser => Alive(_denoiser).Value;

    /// <summary>The restoration network at work, where it is one that needs no diffusion.</summary>
    /// <exception cref="ModelException">It is not, or the weights are missing or unusable.</exception>
    public TaskRestorer TaskRestorer => Alive(_taskRestorer).Value;

    /// <summary>Whether the model restores, too; a codec by itself does not.</summary>
    public bool HasRestorer => File.Exists(Path.Combine(_folder, RestorerFile));

    /// <summary>The model's own recogniser at work; null where its DA-CLIP is asked.</summary>
    /// <exception cref="ModelException">The weights are unusable.</exception>
    public PictureClassifier? Classifier => Alive(_classifier).Value?.AtWork;

    /// <summary>DA-CLIP's picture towers at work: [1, 3, S, S] → content [1, E], degradation [1, E], on ONNX Runtime.</summary>
    public OnnxProgram ImageEncoder => Alive(_imageEncoder).Value;

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
            $"there is no model '{nameOrFolder}'; "
            + (Presets.Count > 0 ? $"presets: {string.Join(", ", Presets)}; or give the folder of one" : "the package LlIcm.Model.Compact brings one, or give the folder of one"));
        return new LlIcmModel(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), folder, device ?? Device.Cpu);
    }

    /// <summary>As <see cref="Load"/>, on a thread of the pool.</summary>
    public static Task<LlIcmModel> LoadAsync(string? nameOrFolder = null, Device? device = null, CancellationToken cancellation = default) =>
        Task.Run(() => Load(nameOrFolder, device), cancellation);

    /// <summary>The folder of a preset or model; null if there is none.</summary>
    /// <param name="nameOrFolder">A preset's name, or the path of a folder.</param>
    public static string? FolderOf(string nameOrFolder)
    {
        string preset = Path.Combine(PresetRoot, nameOrFolder);
        if (nameOrFolder.IndexOfAny(['/', '\\']) < 0 && File.Exists(Path.Combine(preset, CodecFile))) return preset;
        return File.Exists(Path.Combine(nameOrFolder, CodecFile)) ? Path.GetFullPath(nameOrFolder) : null;
    }

    /// <summary>Makes parts ready that would be with their first use, several at a time: for programs that read pictures meanwhile.</summary>
    /// <param name="encoding">Whether pictures will be compressed.</param>
    /// <param name="decoding">Whether files will be decompressed.</param>
    /// <param name="restoring">Whether pictures will be restored.</param>
    /// <exception cref="ModelException">Weights are missing or unusable.</exception>
    public void Prepare(bool encoding = false, bool decoding = false, bool restoring = false)
    {
        var parts = new List<Action>();
        if (encoding) parts.Add(() => Coder.Prepare(encoding: true));
        if (decoding) parts.Add(() => Coder.Prepare(encoding: false));
        if (restoring) parts.AddRange([() => _ = Restorer, Classifier is null ? () => ImageEncoder.Prepare() : () => _ = Classifier]);
        try
        {
            Parallel.Invoke([.. parts]);
        }
        catch (AggregateException error)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error.Flatten().InnerExceptions[0]);
        }
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
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        // Of a copy: the codec may be in training, and goes on with the weights it has.
        MlicModel stored;
        using (Initialization.Skip()) stored = new MlicModel(codec.Options);
        using (stored)
        {
            Dictionary<string, Tensor> state = codec.StateDict().ToDictionary(each => each.Name, each => each.Tensor);
            stored.LoadState(name => state[name].Type == ScalarType.Float
                ? state[name].Detach().To(ScalarType.Half).To(Device.Cpu, ScalarType.Float) : state[name].Detach().To(Device.Cpu));
            stored.UpdateTables();
            stored.PackTables();
            SaveCodec(stored, path, ScalarType.Half);
        }
    }

    /// <summary>Writes a vision model and its word embeddings in half precision.</summary>
    public static void SaveVision(DaClipModel vision, Tensor words, string path) =>
        SaveVision(vision, words, path, ScalarType.Half);

    /// <summary>Writes a restorer in half precision.</summary>
    public static void SaveRestorer(ConditionalDenoiser network, string path)
    {
        Dictionary<string, string> metadata = network switch
        {
            TaskUNet direct => direct.Options.ToMetadata(),
            ResidualUNet plain => plain.Options.ToMetadata(),
            ConditionalNafNet gated => new Dictionary<string, string>(gated.Options.ToMetadata()),
            _ => [],
        };
        SaveRestorer(network, metadata, path, ScalarType.Half);
    }

    /// <summary>Writes a recogniser in half precision.</summary>
    /// <param name="network">The network.</param>
    /// <param name="options">Its options with the temperature that calibrates it.</param>
    /// <param name="path">The file, replaced as a whole.</param>
    public static void SaveRecogniser(DegradationClassifier network, DegradationClassifierOptions options, string path) =>
        Save(network.StateDict(), path, options.ToMetadata(), ScalarType.Half);

    /// <summary>A hash of everything that restoring a decoded picture depends on: 16 hexadecimal digits.</summary>
    /// <exception cref="ModelException">A file can't be read.</exception>
    public string HashOfRestorer()
    {
        IEnumerable<string> files = new[] { RestorerFile, DaClipFile, RecogniserFile }.Select(name => Path.Combine(_folder, name)).Where(File.Exists);
        return Convert.ToHexStringLower(SHA256.HashData([.. files.SelectMany(HashOf)]))[..16];
    }

    /// <summary>Copies the model's own recogniser, where it has one, into another folder.</summary>
    internal void CopyRecogniser(string folder)
    {
        string path = Path.Combine(_folder, RecogniserFile);
        if (File.Exists(path)) File.Copy(path, Path.Combine(folder, RecogniserFile), overwrite: true);
    }

    internal static void SaveCodec(MlicModel codec, string path, ScalarType type) =>
        Save(codec.StateDict(), path, MlicWeights.Metadata(codec.Options), type);

    internal static void SaveVision(DaClipModel vision, Tensor words, string path, ScalarType type)
    {
        // The aliases of the frozen tower would double the file, and the words' table stands for the text tower.
        IEnumerable<(string Name, Tensor Tensor)> own = vision.StateDict().Where(each =>
            each.Name is "logit_scale" or "clip.logit_scale"
            || each.Name.StartsWith("clip.visual.", StringComparison.Ordinal)
            || each.Name.StartsWith("visual_control.", StringComparison.Ordinal));
        ClipOptions options = vision.Options with
        {
            TextWidth = 0,
            TextHeads = 0,
            TextLayers = 0,
            ContextLength = 0,
            VocabularySize = 0,
        };
        Save(own.Append((WordsKey, words)), path, options.ToMetadata(), type);
    }

    internal static void SaveRestorer(
        ConditionalDenoiser network, Dictionary<string, string> metadata, string path, ScalarType type) =>
        Save(network.StateDict(), path, metadata, type);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (_coder.IsValueCreated) _coder.Value.Dispose();
        if (_denoiser.IsValueCreated) _denoiser.Value.Dispose();
        if (_taskRestorer.IsValueCreated) _taskRestorer.Value.Dispose();
        if (_imageEncoder.IsValueCreated) _imageEncoder.Value.Dispose();
        if (_classifier.IsValueCreated && _classifier.Value is { } classifier)
        {
            classifier.AtWork.Dispose();
            classifier.Network.Dispose();
        }
        Codec.Dispose();
        if (_vision.IsValueCreated)
        {
            _vision.Value.Model.Dispose();
            _vision.Value.Recognizer.Dispose();
            _vision.Value.Words.Dispose();
        }
        if (_restorer.IsValueCreated) _restorer.Value.Network.Dispose();
    }

    private T Alive<T>(T part)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return part;
    }

    private static MlicModel LoadCodec(string path, Device device)
    {
        using WeightFile file = Open(path);
        MlicModel codec = LoadCodec(file);
        // Tables are part of the format: made once and stored, never by whoever happens to load the weights.
        if (!codec.HasTables)
            throw new ModelException($"{path}: it lacks the entropy coder's tables; `llicm models import` makes them from a checkpoint");
        if (!device.IsCpu) codec.To(device);
        return codec;
    }

    /// <summary>The codec in a file.</summary>
    /// <exception cref="ModelException">There is none, or a part of it is missing.</exception>
    internal static MlicModel LoadCodec(WeightFile file) => Load(
        file, () => new MlicModel(MlicWeights.OptionsOf(file.Tensors, file.Metadata)), name => name);

    /// <summary>The DA-CLIP in a file.</summary>
    /// <exception cref="ModelException">There is none, or a part of it is missing.</exception>
    internal static DaClipModel LoadVision(WeightFile file) => Load(
        file, () => new DaClipModel(ClipOptions.Of(file)),
        name => name.StartsWith("visual.", StringComparison.Ordinal) ? "clip." + name : name);

    /// <summary>The restorer in a file.</summary>
    /// <exception cref="ModelException">There is none, or a part of it is missing.</exception>
    internal static ConditionalDenoiser LoadRestorer(WeightFile file) => Load<ConditionalDenoiser>(
        file,
        () => file.Metadata.GetValueOrDefault(TaskUNetOptions.ArchitectureKey) == TaskUNetOptions.Architecture ? new TaskUNet(TaskUNetOptions.FromWeights(file))
            : file.Tensors.ContainsKey("input.weight") ? new ResidualUNet(ResidualUNetOptions.FromWeights(file))
            : file.Tensors.ContainsKey("intro.weight") ? new ConditionalNafNet(ConditionalNafNetOptions.FromWeights(file))
            : new ConditionalUNet(ConditionalUNetOptions.FromWeights(file)),
        name => name);

    internal static WeightFile Open(string path)
    {
        try
        {
            return WeightFile.Open(path);
        }
        catch (Exception error) when (error is WeightFormatException or IOException or UnauthorizedAccessException)
        {
            throw new ModelException(error.Message, inner: error);
        }
    }

    private (DegradationClassifier, PictureClassifier)? LoadClassifier()
    {
        string path = Path.Combine(_folder, RecogniserFile);
        if (!File.Exists(path)) return null;
        using WeightFile file = Open(path);
        DegradationClassifier network = Load(file, () => new DegradationClassifier(DegradationClassifierOptions.FromWeights(file)), name => name);
        if (network.Options.Words != DegradationNames.All.Count + 1)
            throw new ModelException($"{path}: knows {network.Options.Words} words, not {DegradationNames.All.Count + 1}");
        return (network, new PictureClassifier(network));
    }

    private OnnxProgram RecordVision()
    {
        int side = Vision.Options.ImageSize;
        return OnnxProgram.Record("DA-CLIP", [new GraphInput([1, 3, side, side])], picture =>
        {
            (Tensor content, Tensor degradation) = Vision.EncodeImage(picture[0]);
            return [content, degradation];
        });
    }

    private (DaClipModel, DegradationRecognizer, Tensor) LoadVision()
    {
        using WeightFile file = Open(Require(DaClipFile));
        DaClipModel model = LoadVision(file);
        if (!Device.IsCpu) model.To(Device);
        if (!file.Tensors.TryGetValue(WordsKey, out StoredTensor? stored))
            throw new ModelException($"{file.Source}: '{WordsKey}' is missing; `llicm models import` makes it from a checkpoint");
        Tensor words = stored.ToTensor().To(Device, ScalarType.Float).Unscoped();
        return (model, new DegradationRecognizer(words), words);
    }

    private (ConditionalDenoiser, IrSdeOptions) LoadRestorer()
    {
        using WeightFile file = Open(Require(RestorerFile));
        ConditionalDenoiser network = LoadRestorer(file);
        if (!Device.IsCpu) network.To(Device);
        try
        {
            return (network, IrSdeOptions.FromMetadata(file.Metadata));
        }
        catch (WeightFormatException error)
        {
            throw new ModelException($"{file.Source}: {error.Message}", inner: error);
        }
    }

    // Whatever shapes or numbers a file holds that fit no network, its reader hears of the file and of what is wrong.
    private static T Load<T>(WeightFile file, Func<T> create, Func<string, string> rename) where T : Module
    {
        try
        {
            T module;
            using (Initialization.Skip()) module = create();
            Fill(module, file, rename);
            module.Eval();
            return module;
        }
        catch (Exception error) when (error is WeightFormatException or TensorException
            or ArgumentException or IndexOutOfRangeException)
        {
            string message = error is IndexOutOfRangeException ? "a tensor has another number of dimensions" : error.Message;
            string named = message.StartsWith(file.Source, StringComparison.Ordinal) ? message : $"{file.Source}: {message}";
            throw new ModelException(named.ReplaceLineEndings("\n").Split('\n')[0], inner: error);
        }
    }

    private string Require(string name)
    {
        string path = Path.Combine(_folder, name);
        return File.Exists(path) ? path : throw new ModelException($"model '{Name}' lacks {path}");
    }

    private static void Fill(Module module, WeightFile file, Func<string, string> rename)
    {
        using var scope = new TensorScope();
        module.LoadState(name => file.Tensors.TryGetValue(rename(name), out StoredTensor? stored) ? stored.ToTensor() : null);
    }

    private static void Save(
        IEnumerable<(string Name, Tensor Tensor)> tensors, string path, Dictionary<string, string> metadata, ScalarType floats)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        metadata["format"] = "pt";
        metadata["producer"] = string.Create(CultureInfo.InvariantCulture, $"llicm {typeof(LlIcmModel).Assembly.GetName().Version}");
        SafeTensorsWriter.Write(path, tensors.Select(each =>
        {
            ScalarType type = each.Tensor.Type == ScalarType.Float ? floats : each.Tensor.Type;
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
            throw new ModelException(error.Message, inner: error);
        }
    }
}
