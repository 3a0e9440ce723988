using LlIcm.Tensors;

namespace LlIcm.Onnx;

/// <summary>Stands for a value of the graph that is being recorded.</summary>
internal sealed class SymbolicTensor(GraphRecorder recorder, GraphValue value) : TensorData
{
    public GraphValue Value { get; } = value;

    public override TensorEngine Engine => recorder;

    public override ScalarType Type => Value.Type;

    public override long[] Shape => Value.Shape;

    // Code that frees what it no longer needs may go on naming it: nothing is held here.
    public override bool IsDisposed => false;

    public override nint Address => throw NoElements();

    public override void CopyTo(Span<byte> destination) => throw NoElements();

    public override TensorData Alias() => new SymbolicTensor(recorder, Value);

    public override void Dispose()
    {
    }

    private static TensorException NoElements() => new("a tensor of a graph has no elements before the graph runs");
}
