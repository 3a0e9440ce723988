using System.Text.Json;

namespace LlIcm.Tensors.Serialization;

/// <summary>
/// A checkpoint cut into several files by an index (<c>model.safetensors.index.json</c>,
/// <c>pytorch_model.bin.index.json</c>), seen as one.
/// </summary>
internal sealed class ShardedWeightFile : WeightFile
{
    private const long MaxIndexLength = 100_000_000;
    private readonly List<WeightFile> _shards = [];
    private readonly OrderedDictionary<string, StoredTensor> _tensors = [];
    private readonly OrderedDictionary<string, string> _metadata = [];

    private ShardedWeightFile(string path) => Source = path;

    public override IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    public override IReadOnlyDictionary<string, string> Metadata => _metadata;

    public override string Source { get; }

    /// <summary>The file in a folder that stands for the whole model.</summary>
    /// <exception cref="FileNotFoundException">There is none of the usual names.</exception>
    public static string FindIn(string folder)
    {
        string[] names =
        [
            "model.safetensors.index.json", "model.safetensors", "pytorch_model.bin.index.json", "pytorch_model.bin",
        ];
        foreach (string name in names)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path)) return path;
        }
        throw new FileNotFoundException($"{folder}: holds none of {string.Join(", ", names)}");
    }

    public static new ShardedWeightFile Open(string path)
    {
        if (new FileInfo(path).Length > MaxIndexLength)
            throw new WeightFormatException($"{path}: too long for an index");
        var file = new ShardedWeightFile(path);
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 };
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), options);
            file.Read(document.RootElement);
            return file;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            file.Dispose();
            throw new WeightFormatException($"{path}: the index is not valid JSON", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        foreach (WeightFile shard in _shards) shard.Dispose();
    }

    private void Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("weight_map", out JsonElement map)
            || map.ValueKind != JsonValueKind.Object)
            throw new WeightFormatException($"{Source}: an index without a weight_map");

        var byName = new Dictionary<string, WeightFile>();
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            string? name = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString() : null;
            // A shard lies beside its index; anything else could be made to open any file on the machine.
            if (string.IsNullOrEmpty(name) || name != Path.GetFileName(name) || name is "." or "..")
                throw new WeightFormatException($"{Source}: '{entry.Name}' is in the impossible shard {entry.Value}");
            if (!byName.TryGetValue(name, out WeightFile? shard))
            {
                string folder = Path.GetDirectoryName(Path.GetFullPath(Source))!;
                byName[name] = shard = OpenShard(Path.Combine(folder, name));
                _shards.Add(shard);
            }
            if (!shard.Tensors.TryGetValue(entry.Name, out StoredTensor? tensor))
                throw new WeightFormatException($"{Source}: shard {name} lacks the tensor '{entry.Name}'");
            _tensors.Add(entry.Name, tensor);
        }

        if (!root.TryGetProperty("metadata", out JsonElement metadata) || metadata.ValueKind != JsonValueKind.Object)
            return;
        foreach (JsonProperty entry in metadata.EnumerateObject()) _metadata[entry.Name] = entry.Value.ToString();
    }
}
