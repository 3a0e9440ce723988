namespace LlIcm.Torch.Serialization;

/// <summary>Stored tensors as live ones.</summary>
public static class StoredTensorExtensions
{
    /// <summary>A copy of a stored tensor, in its own element type.</summary>
    public static Tensor ToTensor(this StoredTensor stored, Device? device = null) =>
        Tensor.FromBytes(stored.Data, stored.Type, stored.Shape, device);
}
