namespace LlIcm.Tensors;

/// <summary>What an engine holds for a tensor. Disposing gives up this reference to it.</summary>
public abstract class TensorData : IDisposable
{
    /// <summary>The engine that made it.</summary>
    public abstract TensorEngine Engine { get; }

    /// <summary>The element type.</summary>
    public abstract ScalarType Type { get; }

    /// <summary>The sizes of the dimensions; -1 where a recorded graph leaves one open.</summary>
    public abstract long[] Shape { get; }

    /// <summary>Where the elements are.</summary>
    public virtual Device Device => Device.Cpu;

    /// <summary>Whether the elements lie row-major without gaps.</summary>
    public virtual bool IsContiguous => true;

    /// <summary>Whether it was freed.</summary>
    public abstract bool IsDisposed { get; }

    /// <summary>Whether gradients flow to it.</summary>
    /// <exception cref="TensorException">Set on an engine that computes none.</exception>
    public virtual bool RequiresGrad
    {
        get => false;
        set
        {
            if (value) throw NoGradients();
        }
    }

    /// <summary>The gradient that <see cref="Backward"/> left; the caller owns what it gets.</summary>
    public virtual TensorData? Grad
    {
        get => null;
        set
        {
            if (value is not null) throw NoGradients();
        }
    }

    /// <summary>The address of the first element in host memory.</summary>
    /// <exception cref="TensorException">There is none.</exception>
    public abstract nint Address { get; }

    /// <summary>Copies the elements, row-major.</summary>
    /// <exception cref="TensorException">The destination's length is not the tensor's.</exception>
    public abstract void CopyTo(Span<byte> destination);

    /// <summary>Another reference to the same elements.</summary>
    public abstract TensorData Alias();

    /// <summary>Back-propagates.</summary>
    public virtual void Backward(TensorData? gradient, bool keepGraph) => throw NoGradients();

    /// <summary>The gradients with respect to tensors; null where one does not matter.</summary>
    public virtual TensorData?[] Gradients(IReadOnlyList<TensorData> inputs, TensorData? gradient, bool keepGraph) => throw NoGradients();

    /// <inheritdoc/>
    public abstract void Dispose();

    private TensorException NoGradients() => new($"{Engine.Name} computes no gradients");
}
