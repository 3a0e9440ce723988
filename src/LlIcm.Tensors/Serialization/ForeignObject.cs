namespace LlIcm.Tensors.Serialization;

/// <summary>
/// Something that a training script saved beside the weights, as its options or the date: only its class's name is kept, and nothing
/// of it is built.
/// </summary>
/// <param name="Name">The class, such as <c>argparse.Namespace</c>.</param>
public sealed record ForeignObject(string Name);
