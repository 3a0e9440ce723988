using System.Globalization;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Quality;

/// <summary>
/// Q-Align's weights, which need not fit into memory: either each is copied out of the mapped file when it is used and
/// freed by the caller's scope, or all stay on the device once they have been read.
/// </summary>
internal sealed class QAlignWeights : IDisposable
{
    private readonly WeightFile _file;
    private readonly bool _resident;
    private readonly Dictionary<string, Tensor> _kept = [];

    public QAlignWeights(WeightFile file, Device device, ScalarType type, bool resident) =>
        (_file, Device, Type, _resident) = (file, device, type, resident);

    /// <summary>Where is computed.</summary>
    public Device Device { get; }

    /// <summary>In which precision.</summary>
    public ScalarType Type { get; }

    /// <summary>A weight on the device, in the precision of the computation.</summary>
    /// <exception cref="QualityException">There is none of that name.</exception>
    public Tensor this[string name]
    {
        get
        {
            if (_kept.TryGetValue(name, out Tensor? kept)) return kept;
            StoredTensor stored = Stored(name);
            Tensor tensor = stored.ToTensor();
            // A layer's matrices are read where they lie in the file, by the graph that is recorded of it.
            if (tensor.IsStored && tensor.Rank == 2) return tensor;
            tensor = tensor.To(Device, Type);
            stored.Forget();
            if (_resident) _kept[name] = tensor.Unscoped();
            return tensor;
        }
    }

    /// <summary>Some rows of a matrix [V, D], without reading the others.</summary>
    /// <exception cref="QualityException">There is no such matrix, or no such row.</exception>
    public Tensor Rows(string name, ReadOnlySpan<long> rows)
    {
        StoredTensor stored = Stored(name);
        int bytes = (int)stored.Shape[1] * Tensor.SizeOf(stored.Type);
        var picked = new byte[rows.Length * bytes];
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] < 0 || rows[i] >= stored.Shape[0])
                throw new QualityException($"{_file.Source}: '{name}' has no row {rows[i]}");
            stored.Data.Slice(checked((int)rows[i] * bytes), bytes).CopyTo(picked.AsSpan(i * bytes));
        }
        return Tensor.FromBytes(picked, stored.Type, [rows.Length, stored.Shape[1]]).To(Device, Type);
    }

    /// <summary>The shape of a weight.</summary>
    /// <exception cref="QualityException">There is none of that name.</exception>
    public long[] Shape(string name) => Stored(name).Shape;

    /// <summary>How many layers there are: the names "prefix.N.suffix" from N = 0 on.</summary>
    /// <exception cref="QualityException">There is none.</exception>
    public int CountLayers(string prefix, string suffix)
    {
        int count = 0;
        while (_file.Tensors.ContainsKey(string.Create(CultureInfo.InvariantCulture, $"{prefix}.{count}.{suffix}")))
            count++;
        return count > 0 ? count : throw Missing($"{prefix}.0.{suffix}");
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _kept.Values) tensor.Dispose();
        _file.Dispose();
    }

    private StoredTensor Stored(string name) => _file.Tensors.GetValueOrDefault(name) ?? throw Missing(name);

    private QualityException Missing(string name) => new($"{_file.Source}: no Q-Align weights, '{name}' is missing");
}
