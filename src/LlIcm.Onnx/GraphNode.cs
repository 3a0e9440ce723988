namespace LlIcm.Onnx;

/// <summary>One operator of a recorded graph.</summary>
/// <param name="Operator">ONNX's name of it.</param>
/// <param name="Inputs">Its inputs; null for absent optional ones.</param>
/// <param name="Outputs">Its results.</param>
/// <param name="Attributes">Its attributes: a long, a float, a string or long[].</param>
/// <param name="Stage">The number of calls on the host that have to come before it.</param>
internal sealed record GraphNode(
    string Operator, GraphValue?[] Inputs, GraphValue[] Outputs, IReadOnlyList<(string Name, object Value)> Attributes, int Stage);
