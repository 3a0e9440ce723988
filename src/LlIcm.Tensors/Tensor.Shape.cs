namespace LlIcm.Tensors;

public sealed partial class Tensor
{
    private static readonly Operator s_reshape = new("reshape"), s_reshapeAs = new("reshape_as"), s_view = new("view"), s_permute = new("permute"),
        s_transpose = new("transpose", "int"), s_unsqueeze = new("unsqueeze"), s_squeeze = new("squeeze", "dim"),
        s_expand = new("expand"), s_flatten = new("flatten", "using_ints"), s_narrow = new("narrow"),
        s_slice = new("slice", "Tensor"), s_select = new("select", "int"), s_indexSelect = new("index_select"),
        s_gather = new("gather"), s_chunk = new("chunk"), s_unbind = new("unbind", "int"), s_splitSizes = new("split_with_sizes"), s_cat = new("cat"),
        s_stack = new("stack"), s_repeat = new("repeat"), s_flip = new("flip"), s_roll = new("roll"),
        s_contiguous = new("contiguous"), s_toType = new("to", "dtype"), s_toDevice = new("to", "device"),
        s_detach = new("detach"), s_clone = new("clone"), s_tril = new("tril"), s_triu = new("triu");

    /// <summary>The same elements under another shape; one size may be -1.</summary>
    public Tensor Reshape(params long[] shape) =>
        s_reshape.Call(this, shape);

    /// <summary>The same elements in another tensor's shape.</summary>
    public Tensor ReshapeAs(Tensor other) =>
        s_reshapeAs.Call(this, other);

    /// <summary>The same elements under another shape, never copied.</summary>
    public Tensor View(params long[] shape) =>
        s_view.Call(this, shape);

    /// <summary>Dimensions in another order.</summary>
    public Tensor Permute(params long[] dimensions) =>
        s_permute.Call(this, dimensions);

    /// <summary>Two dimensions swapped.</summary>
    public Tensor Transpose(int first, int second) =>
        s_transpose.Call(this, first, second);

    /// <summary>A new dimension of size 1.</summary>
    public Tensor Unsqueeze(int dimension) =>
        s_unsqueeze.Call(this, dimension);

    /// <summary>Without a dimension of size 1.</summary>
    public Tensor Squeeze(int dimension) =>
        s_squeeze.Call(this, dimension);

    /// <summary>Dimensions of size 1 repeated without copying; -1 keeps one.</summary>
    public Tensor Expand(params long[] shape) =>
        s_expand.Call(this, shape);

    /// <summary>Dimensions from start to end joined to one.</summary>
    public Tensor Flatten(int start = 0, int end = -1) =>
        s_flatten.Call(this, start, end);

    /// <summary>A range of one dimension, as a view.</summary>
    public Tensor Narrow(int dimension, long start, long length) =>
        s_narrow.Call(this, dimension, start, length);

    /// <summary>Every step-th entry from start to end (exclusive) of one dimension, as a view.</summary>
    public Tensor Slice(int dimension, long? start = null, long? end = null, long step = 1) =>
        s_slice.Call(this, dimension, start is { } from ? from : Argument.None, end is { } to ? to : Argument.None, step);

    /// <summary>One entry of a dimension, which disappears; a view.</summary>
    public Tensor Select(int dimension, long index) =>
        s_select.Call(this, dimension, index);

    /// <summary>The entries of a dimension that an index tensor names.</summary>
    public Tensor IndexSelect(int dimension, Tensor index) =>
        s_indexSelect.Call(this, dimension, index);

    /// <summary>Entries picked along a dimension.</summary>
    public Tensor Gather(int dimension, Tensor index) =>
        s_gather.Call(this, dimension, index);

    /// <summary>Equal parts along a dimension, as views.</summary>
    public Tensor[] Chunk(int parts, int dimension) =>
        s_chunk.CallMany(this, parts, dimension);

    /// <summary>
    /// All entries of a dimension, which disappears, as views. Their gradients are joined once; each <see cref="Select"/> would make and add one
    /// as large as all.
    /// </summary>
    public Tensor[] Unbind(int dimension) =>
        s_unbind.CallMany(this, dimension);

    /// <summary>Parts of the given sizes along a dimension, as views.</summary>
    public Tensor[] Split(long[] sizes, int dimension) =>
        s_splitSizes.CallMany(this, sizes, dimension);

    /// <summary>Joined along a dimension.</summary>
    public static Tensor Cat(int dimension, params Tensor[] tensors) =>
        s_cat.Call(tensors, dimension);

    /// <summary>Joined along a new dimension.</summary>
    public static Tensor Stack(int dimension, params Tensor[] tensors) =>
        s_stack.Call(tensors, dimension);

    /// <summary>Copied several times along each dimension.</summary>
    public Tensor Repeat(params long[] times) =>
        s_repeat.Call(this, times);

    /// <summary>Reversed along dimensions.</summary>
    public Tensor Flip(params long[] dimensions) =>
        s_flip.Call(this, dimensions);

    /// <summary>Shifted cyclically.</summary>
    public Tensor Roll(long[] shifts, long[] dimensions) =>
        s_roll.Call(this, shifts, dimensions);

    /// <summary>In the given memory order, copied only if needed.</summary>
    public Tensor Contiguous(MemoryFormat format = MemoryFormat.Contiguous) =>
        s_contiguous.Call(this, format);

    /// <summary>Converted to another element type; itself if it has it.</summary>
    public Tensor To(ScalarType type) =>
        s_toType.Call(this, type);

    /// <summary>On a device, in an element type.</summary>
    public Tensor To(Device device, ScalarType type) =>
        s_toDevice.Call(this, device, type);

    /// <summary>The same elements, cut from the graph.</summary>
    public Tensor Detach() =>
        s_detach.Call(this);

    /// <summary>A copy.</summary>
    public Tensor Clone() =>
        s_clone.Call(this);

    /// <summary>The lower triangle, zeros above.</summary>
    public Tensor Tril(int diagonal = 0) =>
        s_tril.Call(this, diagonal);

    /// <summary>The upper triangle, zeros below.</summary>
    public Tensor Triu(int diagonal = 0) =>
        s_triu.Call(this, diagonal);

    /// <summary>On a device; itself if it is there.</summary>
    public Tensor To(Device device) => To(device, Type);
}
