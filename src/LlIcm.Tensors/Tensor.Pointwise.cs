namespace LlIcm.Tensors;

public sealed partial class Tensor
{
    private static readonly Operator s_addScalar = new("add", "Scalar"), s_sub = new("sub", "Tensor"),
        s_rsub = new("rsub", "Scalar"), s_mul = new("mul", "Tensor"), s_mulScalar = new("mul", "Scalar"),
        s_div = new("div", "Tensor"), s_divScalar = new("div", "Scalar");

    private static readonly Operator s_neg = new("neg"), s_abs = new("abs"), s_exp = new("exp"), s_log = new("log"),
        s_log2 = new("log2"), s_sqrt = new("sqrt"), s_rsqrt = new("rsqrt"), s_sin = new("sin"), s_cos = new("cos"),
        s_tanh = new("tanh"), s_sigmoid = new("sigmoid"), s_erfc = new("erfc"), s_round = new("round"),
        s_floor = new("floor"), s_ceil = new("ceil"), s_sign = new("sign"), s_softplus = new("softplus"),
        s_relu = new("relu"), s_silu = new("silu"), s_square = new("square"), s_isFinite = new("isfinite"),
        s_logicalNot = new("logical_not"), s_reciprocal = new("reciprocal"), s_gelu = new("llicm::gelu"),
        s_leakyRelu = new("leaky_relu"), s_clamp = new("clamp"), s_pow = new("pow", "Tensor_Scalar"),
        s_lerp = new("lerp", "Scalar"), s_maximum = new("maximum"), s_minimum = new("minimum"),
        s_where = new("where", "self"), s_maskedFill = new("masked_fill", "Scalar"), s_ge = new("ge", "Scalar"),
        s_gt = new("gt", "Scalar"), s_gtTensor = new("gt", "Tensor"), s_lt = new("lt", "Scalar"),
        s_eq = new("eq", "Scalar"), s_eqTensor = new("eq", "Tensor"), s_lowerBound = new("llicm::lower_bound"),
        s_add = new("add", "Tensor"), s_addIn = new("add_", "Tensor"), s_mulIn = new("mul_", "Scalar"),
        s_mulTensorIn = new("mul_", "Tensor"), s_lerpIn = new("lerp_", "Scalar"), s_zeroIn = new("zero_"),
        s_fillIn = new("fill_", "Scalar"), s_copyIn = new("copy_"), s_uniformIn = new("uniform_"),
        s_normalIn = new("normal_"), s_leakyReluIn = new("leaky_relu_");

    /// <summary>-x.</summary>
    public Tensor Neg() =>
        s_neg.Call(this);

    /// <summary>|x|.</summary>
    public Tensor Abs() =>
        s_abs.Call(this);

    /// <summary>e^x.</summary>
    public Tensor Exp() =>
        s_exp.Call(this);

    /// <summary>Natural logarithm.</summary>
    public Tensor Log() =>
        s_log.Call(this);

    /// <summary>Logarithm to base 2.</summary>
    public Tensor Log2() =>
        s_log2.Call(this);

    /// <summary>Square root.</summary>
    public Tensor Sqrt() =>
        s_sqrt.Call(this);

    /// <summary>1/√x.</summary>
    public Tensor Rsqrt() =>
        s_rsqrt.Call(this);

    /// <summary>Sine.</summary>
    public Tensor Sin() =>
        s_sin.Call(this);

    /// <summary>Cosine.</summary>
    public Tensor Cos() =>
        s_cos.Call(this);

    /// <summary>Hyperbolic tangent.</summary>
    public Tensor Tanh() =>
        s_tanh.Call(this);

    /// <summary>1/(1+e^-x).</summary>
    public Tensor Sigmoid() =>
        s_sigmoid.Call(this);

    /// <summary>Complementary error function.</summary>
    public Tensor Erfc() =>
        s_erfc.Call(this);

    /// <summary>To the nearest integer, ties to even.</summary>
    public Tensor Round() =>
        s_round.Call(this);

    /// <summary>The integer below.</summary>
    public Tensor Floor() =>
        s_floor.Call(this);

    /// <summary>The integer above.</summary>
    public Tensor Ceil() =>
        s_ceil.Call(this);

    /// <summary>-1, 0 or 1.</summary>
    public Tensor Sign() =>
        s_sign.Call(this);

    /// <summary>ln(1+e^x).</summary>
    public Tensor Softplus() =>
        s_softplus.Call(this);

    /// <summary>max(x, 0).</summary>
    public Tensor Relu() =>
        s_relu.Call(this);

    /// <summary>x·sigmoid(x).</summary>
    public Tensor Silu() =>
        s_silu.Call(this);

    /// <summary>x².</summary>
    public Tensor Square() =>
        s_square.Call(this);

    /// <summary>Whether neither infinite nor NaN.</summary>
    public Tensor IsFinite() =>
        s_isFinite.Call(this);

    /// <summary>Not.</summary>
    public Tensor LogicalNot() =>
        s_logicalNot.Call(this);

    /// <summary>1/x.</summary>
    public Tensor Reciprocal() =>
        s_reciprocal.Call(this);

    /// <summary>x·Φ(x), the exact form.</summary>
    public Tensor Gelu() =>
        s_gelu.Call(this);

    /// <summary>x, or slope·x below 0.</summary>
    public Tensor LeakyRelu(double slope = 0.01) =>
        s_leakyRelu.Call(this, slope);

    /// <summary>Bounded on both sides; null leaves a side open.</summary>
    public Tensor Clamp(double? minimum, double? maximum) =>
        s_clamp.Call(this, minimum is { } low ? low : Argument.None, maximum is { } high ? high : Argument.None);

    /// <summary>x to a power.</summary>
    public Tensor Pow(double exponent) =>
        s_pow.Call(this, exponent);

    /// <summary>x + weight·(end − x).</summary>
    public Tensor Lerp(Tensor end, double weight) =>
        s_lerp.Call(this, end, weight);

    /// <summary>The larger, element by element.</summary>
    public Tensor Maximum(Tensor other) =>
        s_maximum.Call(this, other);

    /// <summary>The smaller, element by element.</summary>
    public Tensor Minimum(Tensor other) =>
        s_minimum.Call(this, other);

    /// <summary>x where the condition holds, else <paramref name="other"/>.</summary>
    public Tensor Where(Tensor condition, Tensor other) =>
        s_where.Call(condition, this, other);

    /// <summary>A value where the mask holds.</summary>
    public Tensor MaskedFill(Tensor mask, double value) =>
        s_maskedFill.Call(this, mask, value);

    /// <summary>x ≥ value.</summary>
    public Tensor GreaterOrEqual(double value) =>
        s_ge.Call(this, value);

    /// <summary>x &gt; value.</summary>
    public Tensor Greater(double value) =>
        s_gt.Call(this, value);

    /// <summary>x &gt; other, element by element.</summary>
    public Tensor Greater(Tensor other) =>
        s_gtTensor.Call(this, other);

    /// <summary>x &lt; value.</summary>
    public Tensor Less(double value) =>
        s_lt.Call(this, value);

    /// <summary>x = value.</summary>
    public Tensor EqualTo(double value) =>
        s_eq.Call(this, value);

    /// <summary>x = other, element by element.</summary>
    public Tensor EqualTo(Tensor other) =>
        s_eqTensor.Call(this, other);

    /// <summary>max(x, bound), whose gradient also passes below the bound when it would raise x (CompressAI's LowerBound).</summary>
    public Tensor LowerBound(double bound) =>
        s_lowerBound.Call(this, bound);

    /// <summary>x + alpha·other.</summary>
    public Tensor Add(Tensor other, double alpha = 1) =>
        s_add.Call(this, other, alpha);

    /// <summary>x ← x + alpha·other.</summary>
    public Tensor AddInPlace(Tensor other, double alpha = 1) =>
        Self(s_addIn, other, alpha);

    /// <summary>x ← x·factor.</summary>
    public Tensor MulInPlace(double factor) =>
        Self(s_mulIn, factor);

    /// <summary>x ← x·factor, element by element.</summary>
    public Tensor MulInPlace(Tensor factor) =>
        Self(s_mulTensorIn, factor);

    /// <summary>x ← x + weight·(end − x).</summary>
    public Tensor LerpInPlace(Tensor end, double weight) =>
        Self(s_lerpIn, end, weight);

    /// <summary>x ← 0.</summary>
    public Tensor ZeroInPlace() =>
        Self(s_zeroIn);

    /// <summary>x ← value.</summary>
    public Tensor FillInPlace(double value) =>
        Self(s_fillIn, value);

    /// <summary>x ← source, converted and broadcast.</summary>
    public Tensor CopyInPlace(Tensor source) =>
        Self(s_copyIn, source);

    /// <summary>x ← uniform on [low, high).</summary>
    public Tensor UniformInPlace(double low, double high) =>
        Self(s_uniformIn, low, high);

    /// <summary>x ← normal.</summary>
    public Tensor NormalInPlace(double mean, double deviation) =>
        Self(s_normalIn, mean, deviation);

    /// <summary>x ← x, or slope·x below 0.</summary>
    public Tensor LeakyReluInPlace(double slope = 0.01) =>
        Self(s_leakyReluIn, slope);

    /// <summary>Sum.</summary>
    public static Tensor operator +(Tensor left, Tensor right) => s_add.Call(left, right);

    /// <summary>Sum with a number.</summary>
    public static Tensor operator +(Tensor left, double right) => s_addScalar.Call(left, right);

    /// <summary>Sum with a number.</summary>
    public static Tensor operator +(double left, Tensor right) => s_addScalar.Call(right, left);

    /// <summary>Difference.</summary>
    public static Tensor operator -(Tensor left, Tensor right) => s_sub.Call(left, right);

    /// <summary>Difference with a number.</summary>
    public static Tensor operator -(Tensor left, double right) => s_addScalar.Call(left, -right);

    /// <summary>Difference from a number.</summary>
    public static Tensor operator -(double left, Tensor right) => s_rsub.Call(right, left);

    /// <summary>Negative.</summary>
    public static Tensor operator -(Tensor value) => value.Neg();

    /// <summary>Product, element by element.</summary>
    public static Tensor operator *(Tensor left, Tensor right) => s_mul.Call(left, right);

    /// <summary>Product with a number.</summary>
    public static Tensor operator *(Tensor left, double right) => s_mulScalar.Call(left, right);

    /// <summary>Product with a number.</summary>
    public static Tensor operator *(double left, Tensor right) => s_mulScalar.Call(right, left);

    /// <summary>Quotient, element by element.</summary>
    public static Tensor operator /(Tensor left, Tensor right) => s_div.Call(left, right);

    /// <summary>Quotient by a number.</summary>
    public static Tensor operator /(Tensor left, double right) => s_divScalar.Call(left, right);

    private Tensor Self(Operator inPlace)
    {
        inPlace.Run(this);
        return this;
    }

    private Tensor Self(Operator inPlace, Argument first)
    {
        inPlace.Run(this, first);
        return this;
    }

    private Tensor Self(Operator inPlace, Argument first, Argument second)
    {
        inPlace.Run(this, first, second);
        return this;
    }
}
