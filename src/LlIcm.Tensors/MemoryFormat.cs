namespace LlIcm.Tensors;

/// <summary>Orders of a tensor's elements in memory; the values are libtorch's.</summary>
public enum MemoryFormat
{
    /// <summary>Row-major, <c>NCHW</c> for pictures.</summary>
    Contiguous = 0,

    /// <summary>Whatever the source has.</summary>
    Preserve = 1,

    /// <summary><c>NHWC</c> in memory under an <c>NCHW</c> shape.</summary>
    ChannelsLast = 2,
}
