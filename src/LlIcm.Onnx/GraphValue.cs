using LlIcm.Tensors;

namespace LlIcm.Onnx;

/// <summary>A tensor of a graph that is being recorded: an input, a constant, or a result.</summary>
internal sealed class GraphValue(string name, ScalarType type, long[] shape, int stage)
{
    /// <summary>Its name in the graph, which is unique.</summary>
    public string Name { get; } = name;

    public ScalarType Type { get; } = type;

    /// <summary>The sizes; -1 for open ones.</summary>
    public long[] Shape { get; } = shape;

    /// <summary>The number of calls on the host that have to come before it.</summary>
    public int Stage { get; } = stage;

    /// <summary>What it always is; null for what a run computes.</summary>
    public HostTensor? Constant { get; init; }

    /// <summary>What computes it; null for inputs and constants.</summary>
    public GraphNode? Producer { get; set; }
}
