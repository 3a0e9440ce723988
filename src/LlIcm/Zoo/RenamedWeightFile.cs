using LlIcm.Tensors.Serialization;

namespace LlIcm.Zoo;

/// <summary>A weight file whose tensors have other names; of two that get one name, the first counts. Owns the file.</summary>
internal sealed class RenamedWeightFile : WeightFile
{
    private readonly WeightFile _file;
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);

    public RenamedWeightFile(WeightFile file, Func<string, string> rename)
    {
        _file = file;
        foreach ((string name, StoredTensor tensor) in file.Tensors) _tensors.TryAdd(rename(name), tensor);
    }

    public override IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    public override IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    public override string Source => _file.Source;

    public override void Dispose() => _file.Dispose();
}
