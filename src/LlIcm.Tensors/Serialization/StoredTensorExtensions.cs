namespace LlIcm.Tensors.Serialization;

/// <summary>Stored tensors as live ones.</summary>
public static class StoredTensorExtensions
{
    /// <summary>
    /// A stored tensor, in its own element type: a copy, or in host memory the file's own bytes, where its engine makes a tensor of its
    /// own at the first change.
    /// </summary>
    public static Tensor ToTensor(this StoredTensor stored, Device? device = null)
    {
        if (TensorEngine.Current is HostEngine && (device ?? Device.Cpu).IsCpu && stored.Pin() is { } memory)
        {
            if (memory.Address % stored.Type.Size() == 0) return new Tensor(HostTensor.Of(memory, stored.Type, stored.Shape));
            memory.Dispose();
        }
        return Tensor.FromBytes(stored.Data, stored.Type, stored.Shape, device);
    }
}
