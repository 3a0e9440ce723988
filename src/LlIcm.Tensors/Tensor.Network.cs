namespace LlIcm.Tensors;

public sealed partial class Tensor
{
    private static readonly Operator s_conv2d = new("conv2d"), s_convT = new("conv_transpose2d", "input"),
        s_linear = new("linear"), s_matmul = new("matmul"), s_bmm = new("bmm"), s_einsum = new("einsum"),
        s_layerNorm = new("layer_norm"), s_groupNorm = new("group_norm"), s_pixelShuffle = new("pixel_shuffle"),
        s_pixelUnshuffle = new("pixel_unshuffle"), s_padConst = new("constant_pad_nd"),
        s_padReflect = new("reflection_pad2d"), s_padReplicate = new("replication_pad2d"), s_unfold = new("im2col"),
        s_nearest = new("upsample_nearest2d"), s_bilinear = new("upsample_bilinear2d"),
        s_bicubicAa = new("_upsample_bicubic2d_aa"), s_avgPool = new("avg_pool2d"), s_maxPool = new("max_pool2d"),
        s_embedding = new("embedding"), s_crossEntropy = new("cross_entropy_loss"), s_mse = new("mse_loss"),
        s_l1 = new("l1_loss");

    /// <summary>2-D convolution: input [B, C, H, W], weight [O, C/groups, kH, kW].</summary>
    public Tensor Conv2d(Tensor weight, Tensor? bias = null, int stride = 1, int padding = 0, int groups = 1, int dilation = 1) =>
        s_conv2d.Call(
            this, weight, bias, (long[])[stride, stride], (long[])[padding, padding], (long[])[dilation, dilation], groups);

    /// <summary>2-D transposed convolution: input [B, C, H, W], weight [C, O, kH, kW].</summary>
    public Tensor ConvTranspose2d(Tensor weight, Tensor? bias, int stride, int padding, int outputPadding) =>
        s_convT.Call(this, weight, bias, (long[])[stride, stride], (long[])[padding, padding], (long[])[outputPadding, outputPadding]);

    /// <summary>x·weightᵀ + bias over the last dimension.</summary>
    public Tensor Linear(Tensor weight, Tensor? bias = null) =>
        s_linear.Call(this, weight, bias);

    /// <summary>Matrix product, broadcast over leading dimensions.</summary>
    public Tensor Matmul(Tensor other) =>
        s_matmul.Call(this, other);

    /// <summary>Batched matrix product [B, N, K] × [B, K, M].</summary>
    public Tensor Bmm(Tensor other) =>
        s_bmm.Call(this, other);

    /// <summary>Einstein summation.</summary>
    public static Tensor Einsum(string equation, params Tensor[] operands) =>
        s_einsum.Call(equation, operands);

    /// <summary>Layer normalisation over the trailing dimensions.</summary>
    public Tensor LayerNorm(long[] shape, Tensor? weight, Tensor? bias, double epsilon = 1e-5) =>
        s_layerNorm.Call(this, shape, weight, bias, epsilon);

    /// <summary>Group normalisation over [B, C, …].</summary>
    public Tensor GroupNorm(int groups, Tensor? weight, Tensor? bias, double epsilon = 1e-5) =>
        s_groupNorm.Call(this, groups, weight, bias, epsilon);

    /// <summary>[B, C·r², H, W] → [B, C, H·r, W·r].</summary>
    public Tensor PixelShuffle(int factor) =>
        s_pixelShuffle.Call(this, factor);

    /// <summary>[B, C, H·r, W·r] → [B, C·r², H, W].</summary>
    public Tensor PixelUnshuffle(int factor) =>
        s_pixelUnshuffle.Call(this, factor);

    /// <summary>Padded with a value: (left, right, top, bottom), trailing dimensions first.</summary>
    public Tensor Pad(long[] padding, double value = 0) =>
        s_padConst.Call(this, padding, value);

    /// <summary>Padded by reflection: (left, right, top, bottom).</summary>
    public Tensor PadReflect(params long[] padding) =>
        s_padReflect.Call(this, padding);

    /// <summary>Padded by repeating the border: (left, right, top, bottom).</summary>
    public Tensor PadReplicate(params long[] padding) =>
        s_padReplicate.Call(this, padding);

    /// <summary>Sliding blocks [B, C·k², L].</summary>
    public Tensor Unfold(int kernel, int padding = 0, int stride = 1) =>
        s_unfold.Call(this, (long[])[kernel, kernel], (long[])[1, 1], (long[])[padding, padding], (long[])[stride, stride]);

    /// <summary>Resized by the nearest neighbour.</summary>
    public Tensor UpsampleNearest(long height, long width) =>
        s_nearest.Call(this, (long[])[height, width]);

    /// <summary>Resized bilinearly.</summary>
    public Tensor UpsampleBilinear(long height, long width, bool alignCorners = false) =>
        s_bilinear.Call(this, (long[])[height, width], alignCorners);

    /// <summary>Resized bicubically with antialiasing.</summary>
    public Tensor UpsampleBicubicAntialias(long height, long width, bool alignCorners = false) =>
        s_bicubicAa.Call(this, (long[])[height, width], alignCorners);

    /// <summary>Average pooling.</summary>
    public Tensor AvgPool2d(int kernel, int stride, int padding = 0) =>
        s_avgPool.Call(this, (long[])[kernel, kernel], (long[])[stride, stride], (long[])[padding, padding]);

    /// <summary>Maximum pooling.</summary>
    public Tensor MaxPool2d(int kernel, int stride, int padding = 0, bool ceilMode = false) =>
        s_maxPool.Call(this, (long[])[kernel, kernel], (long[])[stride, stride], (long[])[padding, padding], (long[])[1, 1], ceilMode);

    /// <summary>Rows of a table [V, D] picked by integer indices.</summary>
    public static Tensor Embedding(Tensor table, Tensor indices) =>
        s_embedding.Call(table, indices);

    /// <summary>Mean cross entropy of logits [B, C] with class indices [B] (Long).</summary>
    public Tensor CrossEntropy(Tensor target) =>
        s_crossEntropy.Call(this, target);

    /// <summary>Mean squared difference.</summary>
    public Tensor MseLoss(Tensor target) =>
        s_mse.Call(this, target);

    /// <summary>Mean absolute difference.</summary>
    public Tensor L1Loss(Tensor target) =>
        s_l1.Call(this, target);
}
