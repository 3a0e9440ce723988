using LlIcm.Tensors;

namespace LlIcm.Onnx;

/// <summary>A function that is called between two stages of a recorded graph.</summary>
internal sealed record HostCall(HostFunction Function, GraphValue[] Inputs, GraphValue Output);
