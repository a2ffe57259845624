// Signed multipliers in iCE40 logic, for Yosys' techmap: one LUT per bit and row.
//
// An iCE40 cell adds two nets, but has no room for the AND gates of partial products in front of
// its carry. Here every row adds the whole of A, and only its sign depends on B: with digits of
// +1 and -1, B = (sum of digit[n] * 2**n - 1) / 2, where digit[n] is bit n of B, 0 meaning -1
// (the other way round for the sign bit). What remains to be done is to flip signs, and
// x - A = ~(~x + A): the rows hand on x or ~x, as the next digit needs it, and the fourth input
// of the LUT that adds flips its result.
//
// `minus` marks the digits that are -1, `flip` those of another sign than the next one.

(* techmap_celltype = "$mul" *)
module signed_digit_multiply (A, B, Y);
    parameter A_SIGNED = 1;
    parameter B_SIGNED = 1;
    parameter A_WIDTH = 3;
    parameter B_WIDTH = 3;
    parameter Y_WIDTH = 6;
    (* force_downto *) input [A_WIDTH-1:0] A;
    (* force_downto *) input [B_WIDTH-1:0] B;
    (* force_downto *) output [Y_WIDTH-1:0] Y;

    wire _TECHMAP_FAIL_ = !A_SIGNED || !B_SIGNED || A_WIDTH < 2 || B_WIDTH < 3;

    localparam WIDTH = A_WIDTH + 2;
    wire [WIDTH-1:0] a = {{2{A[A_WIDTH-1]}}, A};
    wire [B_WIDTH-1:0] minus = {B[B_WIDTH-1], ~B[B_WIDTH-2:0]};
    wire [B_WIDTH-1:0] flip = minus ^ (minus >> 1);
    wire [A_WIDTH+B_WIDTH-1:0] product;

    genvar n;
    generate
        for (n = 0; n < B_WIDTH; n = n + 1) begin : row
            wire [WIDTH-1:0] o;
            if (n == 0) begin
                // digit[0] * A - A, halved: -A or 0. As -A = ~(A - 1), it is A plus minus ones or
                // zeros, and a LUT with more to do than to flip.
                signed_digit_row #(.WIDTH(WIDTH), .LUT(16'h9a6a)) add (
                    .a(a), .x({WIDTH{minus[0]}}), .flip({WIDTH{minus[1]}}), .o(o));
            end else begin
                wire [WIDTH-2:0] x;
                if (n == 1)
                    assign x = row[0].o[WIDTH-2:0];
                else
                    assign x = row[n-1].o[WIDTH-1:1];
                // The lowest bit is done: it takes the sign of its own digit.
                signed_digit_row #(.WIDTH(WIDTH), .LUT(16'h6996)) add (
                    .a(a), .x({x[WIDTH-2], x}), .flip({{WIDTH-1{flip[n]}}, minus[n]}), .o(o));
                assign product[n-1] = o[0];
            end
        end
    endgenerate
    assign product[A_WIDTH+B_WIDTH-1:B_WIDTH-1] = row[B_WIDTH-1].o[WIDTH-1:1];
    assign Y = $signed(product);
endmodule

// a + x, with what LUT makes of each bit of the sum and of flip.
module signed_digit_row #(
    parameter WIDTH = 1,
    parameter [15:0] LUT = 0
) (
    input [WIDTH-1:0] a,
    input [WIDTH-1:0] x,
    input [WIDTH-1:0] flip,
    output [WIDTH-1:0] o
);
    wire [WIDTH:0] carry;
    assign carry[0] = 1'b0;

    genvar n;
    generate
        for (n = 0; n < WIDTH; n = n + 1) begin : cell
            SB_CARRY ripple (.I0(a[n]), .I1(x[n]), .CI(carry[n]), .CO(carry[n+1]));
            SB_LUT4 #(.LUT_INIT(LUT)) sum (
                .I0(flip[n]), .I1(a[n]), .I2(x[n]), .I3(carry[n]), .O(o[n]));
        end
    endgenerate
endmodule
