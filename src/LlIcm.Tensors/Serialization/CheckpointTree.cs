using System.Globalization;

namespace LlIcm.Tensors.Serialization;

/// <summary>
/// Everything <c>torch.save</c> was given, as plain values: null, <see cref="bool"/>, <see cref="long"/>,
/// <see cref="System.Numerics.BigInteger"/>, <see cref="double"/>, <see cref="string"/>, <see cref="T:byte[]"/>,
/// <see cref="StoredTensor"/>, <see cref="ScalarType"/> (a dtype), <see cref="T:object[]"/> (a tuple),
/// <see cref="List{T}"/> of object (a list or set), <see cref="OrderedDictionary{TKey, TValue}"/> of object to object
/// (a dict), <see cref="CheckpointObject"/> (TorchScript) and <see cref="ForeignObject"/> (whatever else a training script saved along).
/// </summary>
public sealed class CheckpointTree
{
    // Far above any published checkpoint; what exceeds them is built to exhaust the reader.
    private const int MaxDepth = 100;
    private const int MaxNodes = 2_000_000;
    private const int MaxNameLength = 4096;

    // Where training scripts keep the weights beside epoch, optimizer and the like; the earlier name wins.
    private static readonly string[] UsualKeys =
    [
        "state_dict", "model_state_dict", "network", "model", "params_ema", "params", "net", "module", "weights",
    ];

    internal CheckpointTree(object? root) => Root = root;

    /// <summary>The saved value.</summary>
    public object? Root { get; }

    /// <summary>The names directly below the root; empty where the root is no dictionary.</summary>
    public IReadOnlyList<string> Keys => [.. Children(Root).Select(child => child.Name)];

    /// <summary>The value at a dotted path such as <c>optimizer.param_groups.0.lr</c>; "" is the root.</summary>
    /// <exception cref="KeyNotFoundException">There is nothing at the path.</exception>
    public object? Find(string path)
    {
        object? at = Root;
        for (string rest = path; rest.Length > 0;)
        {
            // Keys may hold dots themselves, as those of a state dict do.
            (string name, object? value) = Children(at)
                .Where(child => rest == child.Name || rest.StartsWith(child.Name + ".", StringComparison.Ordinal))
                .OrderByDescending(child => child.Name.Length)
                .FirstOrDefault();
            if (name is null) throw new KeyNotFoundException($"nothing at '{path}' in the checkpoint");
            at = value;
            rest = rest == name ? "" : rest[(name.Length + 1)..];
        }
        return at;
    }

    /// <summary>
    /// The model's tensors by their state-dict names: from the usual places (<c>state_dict</c>,
    /// <c>model_state_dict</c>, <c>network</c>, <c>model</c>, <c>params_ema</c>, <c>params</c> …), also one below the
    /// other, else every tensor in the file under its dotted path.
    /// </summary>
    /// <exception cref="WeightFormatException">The tree is deeper or larger than any real checkpoint.</exception>
    public IReadOnlyDictionary<string, StoredTensor> StateDict() => TensorsBelow(LocateStateDict(out _));

    /// <summary>The tensors below a dotted path, named relative to it.</summary>
    /// <param name="path">Such as <c>params_ema</c>; "" takes all.</param>
    /// <exception cref="KeyNotFoundException">There is nothing at the path.</exception>
    /// <exception cref="WeightFormatException">The tree is deeper or larger than any real checkpoint.</exception>
    public IReadOnlyDictionary<string, StoredTensor> StateDict(string path) => TensorsBelow(Find(path));

    /// <summary>Finds the state dict and the dotted path it lies at.</summary>
    internal object? LocateStateDict(out string path)
    {
        object? at = Root;
        path = "";
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            object? next = null;
            string? key = at is OrderedDictionary<object, object?> dictionary
                ? UsualKeys.FirstOrDefault(k => dictionary.TryGetValue(k, out next) && HoldsTensors(next))
                : null;
            if (key is null) break;
            path = Join(path, key);
            at = next;
        }
        return at;
    }

    private static bool HoldsTensors(object? value) =>
        value is OrderedDictionary<object, object?> or CheckpointObject && TensorsBelow(value).Count > 0;

    private static OrderedDictionary<string, StoredTensor> TensorsBelow(object? root)
    {
        var tensors = new OrderedDictionary<string, StoredTensor>();
        int nodes = 0;
        Collect(root, "", 0, ref nodes, tensors);
        return tensors;
    }

    private static void Collect(
        object? value, string path, int depth, ref int nodes, OrderedDictionary<string, StoredTensor> tensors)
    {
        // Values may be shared or even contain themselves, so both counts are needed to be sure to end.
        if (depth > MaxDepth)
            throw new WeightFormatException($"the checkpoint is nested deeper than {MaxDepth} levels");
        if (++nodes > MaxNodes) throw new WeightFormatException($"the checkpoint holds more than {MaxNodes} values");
        if (path.Length > MaxNameLength)
            throw new WeightFormatException($"the checkpoint holds a name longer than {MaxNameLength} characters");
        if (value is StoredTensor tensor)
        {
            if (!tensors.TryAdd(path, tensor.Named(path)))
                throw new WeightFormatException($"the checkpoint holds two tensors '{path}'");
            return;
        }
        foreach ((string name, object? child) in Children(value))
            Collect(child, Join(path, name), depth + 1, ref nodes, tensors);
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static IEnumerable<(string Name, object? Value)> Children(object? value) => value switch
    {
        OrderedDictionary<object, object?> dictionary => dictionary.Select(e => (NameOf(e.Key), e.Value)),
        CheckpointObject module => module.Attributes.Select(e => (e.Key, e.Value)),
        IReadOnlyList<object?> list => list.Select((e, i) => (NameOf((long)i), e)),
        _ => [],
    };

    private static string NameOf(object key) => Convert.ToString(key, CultureInfo.InvariantCulture)!;
}
